package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.MergingWindowAssigner;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A program's own merging, whose result is a window that was there: no session comes to that. */
class MergedIntoOneOfThemTest {
  /** As soon as there are three windows of a key, the earliest takes in the others. */
  private static final class Threes extends MergingWindowAssigner<Object, TimeWindow> {
    @Override
    public Collection<TimeWindow> assignWindows(
        Object value, long timestamp, WindowAssignerContext context) {
      return List.of(new TimeWindow(timestamp, timestamp + 10));
    }

    @Override
    public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
      if (windows.size() >= 3) {
        callback.merge(
            windows, Collections.min(windows, Comparator.comparingLong(TimeWindow::getStart)));
      }
    }

    @Override
    public Trigger<Object, TimeWindow> getDefaultTrigger() {
      return EventTimeTrigger.create();
    }

    @Override
    public boolean isEventTime() {
      return true;
    }
  }

  @Test
  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  void theTriggerGoesOnCounting() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromCollection(List.of(), TypeInformation.of(Long.class))
        .keyBy(value -> "key")
        .window(new Threes())
        .trigger(CountTrigger.of(4))
        .reduce(Long::sum);
    List<Vertex> vertices = env.getJobGraph().vertices();
    var factory =
        (OperatorFactory<Long, Long>)
            vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
    var bench = new WindowBench<>(factory, value -> "key", Object.class);

    bench.take(1L, 0).take(2L, 20).take(4L, 40);
    assertThat(bench.emitted()).isEmpty();
    bench.take(8L, 0);
    assertThat(bench.emitted()).containsExactly("15@9");
    bench.watermarkTo(100);
    assertThat(bench.entries()).isZero();
  }
}
