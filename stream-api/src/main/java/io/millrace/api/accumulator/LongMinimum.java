package io.millrace.api.accumulator;

/** The lowest {@code long} value; {@code Long.MAX_VALUE} if there was none. */
public final class LongMinimum implements SimpleAccumulator<Long> {
  private long min;

  /** Begins without a value. */
  public LongMinimum() {
    this(Long.MAX_VALUE);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public LongMinimum(long value) {
    min = value;
  }

  @Override
  public void add(Long value) {
    min = Math.min(min, value);
  }

  /** Without a box. */
  public void add(long value) {
    min = Math.min(min, value);
  }

  @Override
  public Long getLocalValue() {
    return min;
  }

  @Override
  public void resetLocal() {
    min = Long.MAX_VALUE;
  }

  @Override
  public void merge(Accumulator<Long, Long> other) {
    add(other.getLocalValue());
  }

  @Override
  public LongMinimum clone() {
    return new LongMinimum(min);
  }

  @Override
  public String toString() {
    return "LongMinimum " + min;
  }
}
