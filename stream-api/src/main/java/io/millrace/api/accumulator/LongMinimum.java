package io.millrace.api.accumulator;

/** The lowest {@code long} value; {@code Long.MAX_VALUE} if there was none. */
public final class LongMinimum implements SimpleAccumulator<Long> {
  private long min = Long.MAX_VALUE;

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
    var copy = new LongMinimum();
    copy.min = min;
    return copy;
  }

  @Override
  public String toString() {
    return "LongMinimum " + min;
  }
}
