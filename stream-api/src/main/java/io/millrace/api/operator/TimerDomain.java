package io.millrace.api.operator;

/** Which clock a timer waits for. */
public enum TimerDomain {
  /** The watermark. */
  EVENT_TIME,
  /** The wall clock of the machine. */
  PROCESSING_TIME
}
