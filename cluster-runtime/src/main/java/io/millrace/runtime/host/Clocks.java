package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.task.Watch;
import java.util.concurrent.TimeUnit;

/** The machine's clocks. */
final class Clocks {
  static final Watch WATCH =
      new Watch() {
        @Override
        public long monotonicMillis() {
          return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  static Clock now() {
    return new Clock(WATCH.monotonicMillis(), WATCH.wallMillis());
  }

  /**
   * For a step that begins: by the wall clock it is the last millisecond that is over. Records of
   * the present one may still come, and belong before what is due at its end: a window that ends
   * with it would be computed without them, and then once more.
   */
  static Clock ofStep(long nanos) {
    return new Clock(TimeUnit.NANOSECONDS.toMillis(nanos), WATCH.wallMillis() - 1);
  }

  private Clocks() {}
}
