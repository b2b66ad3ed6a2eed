package io.millrace.api.accumulator;

/** The highest {@code long} value; {@code Long.MIN_VALUE} if there was none. */
public final class LongMaximum implements SimpleAccumulator<Long> {
  private long max;

  /** Begins without a value. */
  public LongMaximum() {
    this(Long.MIN_VALUE);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public LongMaximum(long value) {
    max = value;
  }

  @Override
  public void add(Long value) {
    max = Math.max(max, value);
  }

  /** Without a box. */
  public void add(long value) {
    max = Math.max(max, value);
  }

  @Override
  public Long getLocalValue() {
    return max;
  }

  @Override
  public void resetLocal() {
    max = Long.MIN_VALUE;
  }

  @Override
  public void merge(Accumulator<Long, Long> other) {
    add(other.getLocalValue());
  }

  @Override
  public LongMaximum clone() {
    return new LongMaximum(max);
  }

  @Override
  public String toString() {
    return "LongMaximum " + max;
  }
}
