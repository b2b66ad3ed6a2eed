package io.millrace.api.operator.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.Flattening;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimeWindow;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Windows and slices of keys, kept as numbers. */
class FlatStateTest {
  private static final long OTHERS = -1;

  private static KeyWindows<TimeWindow, Long> session() {
    var windows = new KeyWindows<TimeWindow, Long>();
    Pane<TimeWindow, Long> pane = windows.add(new TimeWindow(-5, 20));
    pane.contents = 7L;
    pane.addTimer(TimerDomain.EVENT_TIME, 19);
    windows.setTimer(TimerDomain.EVENT_TIME, 12);
    return windows;
  }

  @Test
  void aSessionIsTheSameAfterwards() {
    Flattening<KeyWindows<TimeWindow, Long>> form =
        FlatWindows.of(Flattening.of(TypeInformation.of(Long.class)));
    assertThat(there(form, session())).usingRecursiveComparison().isEqualTo(session());
  }

  @Test
  void windowsThatWaitForMoreStayObjects() {
    Flattening<KeyWindows<TimeWindow, Long>> form =
        FlatWindows.of(Flattening.of(TypeInformation.of(Long.class)));
    for (Consumer<KeyWindows<TimeWindow, Long>> change :
        List.<Consumer<KeyWindows<TimeWindow, Long>>>of(
            windows -> windows.add(new TimeWindow(30, 40)),
            windows -> windows.panes.clear(),
            windows -> windows.runs = 1,
            windows -> windows.setTimer(TimerDomain.PROCESSING_TIME, 3),
            windows -> windows.panes.get(0).contents = null,
            windows -> windows.panes.get(0).eventTimers = null,
            windows -> windows.panes.get(0).addTimer(TimerDomain.EVENT_TIME, 15),
            windows -> windows.panes.get(0).eventTimers = new long[] {18},
            windows -> windows.panes.get(0).addTimer(TimerDomain.PROCESSING_TIME, 15))) {
      KeyWindows<TimeWindow, Long> windows = session();
      change.accept(windows);
      assertThat(form.lay(windows, new long[form.width()], 0)).isFalse();
    }
  }

  @Test
  void aSliceIsTheSameAfterwardsAndSeveralStayObjects() {
    Flattening<KeySlices<Double>> form =
        FlatSlices.of(Flattening.of(TypeInformation.of(Double.class)));
    var slices = new KeySlices<Double>();
    assertThat(form.lay(slices, new long[form.width()], 0)).isFalse();
    slices.add(30).contents = -0.0;
    slices.timer = 40;
    assertThat(there(form, slices)).usingRecursiveComparison().isEqualTo(slices);
    slices.add(50).contents = 1.5;
    assertThat(form.lay(slices, new long[form.width()], 0)).isFalse();
  }

  @Test
  void onlyNumbersThatFillOnePlaceAreKeptAsSuch() {
    assertThat(Flattening.of(TypeInformation.of(Integer.class))).isNotNull();
    assertThat(Flattening.of(TypeInformation.of(String.class))).isNull();
    assertThat(Flattening.of(TypeInformation.dynamic())).isNull();
    Flattening<Long> longs = Flattening.of(TypeInformation.of(Long.class));
    assertThat(FlatSlices.of(longs)).isNotNull();
    assertThat(FlatSlices.<Object>of(null)).isNull();
    assertThat(FlatWindows.<Object>of(null)).isNull();
    assertThat(Flattening.ofClass(Integer.class)).isNotEqualTo(longs);
    for (Object number : new Object[] {Long.MIN_VALUE, -3, Double.NaN}) {
      @SuppressWarnings("unchecked") // of the number's own class
      var form = (Flattening<Object>) Flattening.ofClass(number.getClass());
      assertThat(there(form, number)).isEqualTo(number);
      assertThat(form.lay("text", new long[1], 0)).isFalse();
    }
  }

  /** The value after a stay among others. */
  private static <T> T there(Flattening<T> form, T value) {
    long[] numbers = new long[form.width() + 2];
    Arrays.fill(numbers, OTHERS);
    assertThat(form.lay(value, numbers, 1)).isTrue();
    assertThat(numbers[0]).isEqualTo(OTHERS);
    assertThat(numbers[numbers.length - 1]).isEqualTo(OTHERS);
    return form.lift(numbers, 1);
  }
}
