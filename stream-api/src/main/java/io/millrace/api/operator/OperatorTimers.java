package io.millrace.api.operator;

import io.millrace.api.function.TimerService;

/** Time and timers of an operator as its function sees them. */
record OperatorTimers(OperatorContext context) implements TimerService {
  @Override
  public long currentProcessingTime() {
    return context.processingTimeMillis();
  }

  @Override
  public long currentWatermark() {
    return context.currentWatermark();
  }

  @Override
  public void registerEventTimeTimer(long timeMillis) {
    context.keyed().setTimer(TimerDomain.EVENT_TIME, timeMillis);
  }

  @Override
  public void registerProcessingTimeTimer(long timeMillis) {
    context.keyed().setTimer(TimerDomain.PROCESSING_TIME, timeMillis);
  }

  @Override
  public void deleteEventTimeTimer(long timeMillis) {
    context.keyed().deleteTimer(TimerDomain.EVENT_TIME, timeMillis);
  }

  @Override
  public void deleteProcessingTimeTimer(long timeMillis) {
    context.keyed().deleteTimer(TimerDomain.PROCESSING_TIME, timeMillis);
  }
}
