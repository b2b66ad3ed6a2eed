package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order a function of windows gets records that come out of order, as docs tell. */
class SliceOrderTest {
  private static final Duration SIZE = Duration.ofMillis(10);
  private static final Duration SLIDE = Duration.ofMillis(5);

  /** The last of the window from 0 to 10. */
  private static String last(WindowAssigner<Object, TimeWindow> windows, boolean shared) {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(String.class);
      var windowed = in.stream().keyBy(value -> "").window(windows);
      var out =
          harness.output(
              shared
                  ? windowed.reduce((one, next) -> next)
                  : windowed
                      .<String>apply(
                          (key, window, values, collector) -> {
                            String last = "";
                            for (String value : values) {
                              last = value;
                            }
                            collector.collect(last);
                          })
                      .returns(String.class));
      harness.open();
      in.processElement("at 7", 7);
      in.processElement("at 3", 3);
      in.processWatermark(9);
      List<String> emitted = out.values();
      return emitted.get(emitted.size() - 1);
    }
  }

  @Test
  void isThatOfTimesAmongTheSlicesOfSlidingWindows() {
    assertThat(last(SlidingEventTimeWindows.of(SIZE, SLIDE), true)).isEqualTo("at 7");
  }

  @Test
  void isThatOfArrivalWhereNothingIsJoined() {
    assertThat(last(SlidingEventTimeWindows.of(SIZE, SLIDE), false)).isEqualTo("at 3");
    assertThat(last(TumblingEventTimeWindows.of(SIZE), false)).isEqualTo("at 3");
    assertThat(last(TumblingEventTimeWindows.of(SIZE), true)).isEqualTo("at 3");
  }
}
