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

  private Clocks() {}
}
