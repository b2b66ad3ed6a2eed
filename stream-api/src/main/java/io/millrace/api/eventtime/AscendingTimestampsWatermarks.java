package io.millrace.api.eventtime;

import java.time.Duration;

/** Follows timestamps that never fall. */
public class AscendingTimestampsWatermarks<T> extends BoundedOutOfOrdernessWatermarks<T> {
  public AscendingTimestampsWatermarks() {
    super(Duration.ZERO);
  }
}
