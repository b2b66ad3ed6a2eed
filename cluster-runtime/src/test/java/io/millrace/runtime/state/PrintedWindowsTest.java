package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.WindowedStream;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Programs print the windows and the records that their functions get. */
class PrintedWindowsTest {
  private static final TypeInformation<Integer> NUMBER = TypeInformation.of(Integer.class);
  private static final EventTimeSessionWindows SESSIONS =
      EventTimeSessionWindows.withGap(Duration.ofMillis(5));

  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  private static <W extends Window> WindowBench<Integer, String> bench(
      WindowAssigner<? super Integer, W> assigner,
      UnaryOperator<WindowedStream<Integer, Integer, W>> more)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    more.apply(env.fromCollection(List.of(), NUMBER).keyBy(number -> 0).window(assigner))
        .<String>apply((key, window, numbers, out) -> out.collect(window + " " + numbers));
    List<Vertex> vertices = env.getJobGraph().vertices();
    var factory =
        (OperatorFactory<Integer, String>)
            vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
    return new WindowBench<>(factory, number -> 0, Integer.class);
  }

  @Test
  void aWindowOfTimeIsPrintedWithItsBounds() throws Exception {
    assertThat(new TimeWindow(1, 8)).hasToString("TimeWindow{start=1, end=8}");
    assertThat(GlobalWindow.get()).hasToString("GlobalWindow");
    var bench = bench(TumblingEventTimeWindows.of(Duration.ofMillis(10)), windowed -> windowed);
    bench.take(1, 3).take(2, 4).watermarkTo(9);
    assertThat(bench.emitted()).containsExactly("TimeWindow{start=0, end=10} [1, 2]@9");
  }

  @Test
  void recordsOfWindowsThatStayArePrintedToo() throws Exception {
    var counted = bench(SESSIONS, windowed -> windowed.trigger(CountTrigger.of(2)));
    counted.take(1, 3).take(2, 4);
    assertThat(counted.emitted()).containsExactly("TimeWindow{start=3, end=9} [1, 2]@8");

    var continuous =
        bench(
            SESSIONS,
            windowed -> windowed.trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(5))));
    continuous.take(1, 3).take(2, 4).watermarkTo(5);
    assertThat(continuous.emitted()).containsExactly("TimeWindow{start=3, end=9} [1, 2]@8");
  }

  /** So many that they do not lie in one piece. */
  @Test
  void manyRecordsArePrintedInTheirOrder() throws Exception {
    var bench = bench(GlobalWindows.create(), windowed -> windowed.trigger(CountTrigger.of(200)));
    List<Integer> all = IntStream.range(0, 200).boxed().toList();
    for (int number : all) {
      bench.take(number, number);
    }
    assertThat(bench.emitted())
        .containsExactly("GlobalWindow " + all + "@" + GlobalWindow.get().maxTimestamp());
  }
}
