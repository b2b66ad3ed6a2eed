package io.millrace.api.config;

/** What state may have counted after a failure. */
public enum CheckpointingMode {
  /** Each record once. */
  EXACTLY_ONCE,
  /** Each record, those around a failure perhaps twice. */
  AT_LEAST_ONCE
}
