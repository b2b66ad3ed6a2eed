package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keys of maps in state are not those of the program, which may use them for something else. */
class ChangedKeysTest {
  private static final class ByWord
      extends ProcessWindowFunction<String, String, String, TimeWindow>
      implements CheckpointedFunction {
    private static final MapStateDescriptor<List<String>, Long> COUNTS =
        new MapStateDescriptor<>(
            "counts",
            TypeInformation.of(new TypeHint<List<String>>() {}),
            TypeInformation.of(Long.class));

    private transient BroadcastState<List<String>, Long> everywhere;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      everywhere = context.getOperatorStateStore().getBroadcastState(COUNTS);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void process(
        String key, Context context, Iterable<String> values, Collector<String> out) {
      MapState<List<String>, Long> counts = context.windowState().getMapState(COUNTS);
      var reused = new ArrayList<String>();
      for (String value : values) {
        reused.clear();
        reused.add(value);
        counts.put(reused, 1L);
        everywhere.put(reused, 1L);
      }
      out.collect(
          counts.get(List.of("a"))
              + " "
              + counts.get(List.of("b"))
              + " "
              + everywhere.get(List.of("a"))
              + " "
              + everywhere.get(List.of("b")));
    }
  }

  @Test
  void leaveStateOfWindowsAndBroadcastStateAsTheyAre() {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(String.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(word -> "")
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                  .process(new ByWord()));
      harness.open();
      in.processElement("a", 1);
      in.processElement("b", 2);
      in.processWatermark(15);
      assertThat(out.values()).containsExactly("1 1 1 1");
    }
  }
}
