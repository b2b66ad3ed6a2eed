package io.millrace.runtime.kernel;

/**
 * One moment on both clocks.
 *
 * @param monotonicMillis never goes back, starts anywhere: for timeouts, leases, back-off and
 *     flushes; never stored nor sent
 * @param wallMillis milliseconds since the epoch, may jump: for processing-time timers and what
 *     users see
 */
public record Clock(long monotonicMillis, long wallMillis) {}
