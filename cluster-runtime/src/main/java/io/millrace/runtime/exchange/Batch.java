package io.millrace.runtime.exchange;

/**
 * A run of records and their timestamps. Frozen once it is handed over: nobody writes to it again,
 * nobody pools it, several consumers may hold it.
 */
public final class Batch implements Element {
  private final Object[] values;
  private final long[] timestamps;
  private final int size;

  /** Takes over the arrays, of which the first {@code size} entries count. */
  public Batch(Object[] values, long[] timestamps, int size) {
    this.values = values;
    this.timestamps = timestamps;
    this.size = size;
  }

  public int size() {
    return size;
  }

  public Object value(int index) {
    return values[index];
  }

  public long timestamp(int index) {
    return timestamps[index];
  }

  @Override
  public String toString() {
    return "Batch of " + size;
  }
}
