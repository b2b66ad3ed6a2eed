package io.millrace.it.ledger;

/**
 * A booking.
 *
 * @param partition of the source that it is read from
 * @param seq its number there, from 0 on without gap
 * @param time event time in milliseconds
 */
public record Entry(int partition, long seq, String account, long value, long time) {}
