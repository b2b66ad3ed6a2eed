package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Clock;
import java.util.concurrent.TimeUnit;

/** The machine's clocks. */
final class Clocks {
  static Clock now() {
    return new Clock(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), System.currentTimeMillis());
  }

  private Clocks() {}
}
