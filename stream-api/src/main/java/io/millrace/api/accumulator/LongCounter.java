package io.millrace.api.accumulator;

/** A sum of {@code long} values. */
public final class LongCounter implements SimpleAccumulator<Long> {
  private long sum;

  public LongCounter() {}

  public LongCounter(long initial) {
    sum = initial;
  }

  @Override
  public void add(Long value) {
    sum += value;
  }

  /** Without a box. */
  public void add(long value) {
    sum += value;
  }

  @Override
  public Long getLocalValue() {
    return sum;
  }

  @Override
  public void resetLocal() {
    sum = 0;
  }

  @Override
  public void merge(Accumulator<Long, Long> other) {
    sum += other.getLocalValue();
  }

  @Override
  public LongCounter clone() {
    return new LongCounter(sum);
  }

  @Override
  public String toString() {
    return "LongCounter " + sum;
  }
}
