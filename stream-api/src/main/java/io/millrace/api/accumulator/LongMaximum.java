package io.millrace.api.accumulator;

/** The highest {@code long} value; {@code Long.MIN_VALUE} if there was none. */
public final class LongMaximum implements SimpleAccumulator<Long> {
  private long max = Long.MIN_VALUE;

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
    var copy = new LongMaximum();
    copy.max = max;
    return copy;
  }

  @Override
  public String toString() {
    return "LongMaximum " + max;
  }
}
