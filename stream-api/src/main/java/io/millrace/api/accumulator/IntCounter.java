package io.millrace.api.accumulator;

/** A sum of {@code int} values. */
public final class IntCounter implements SimpleAccumulator<Integer> {
  private int sum;

  public IntCounter() {}

  public IntCounter(int initial) {
    sum = initial;
  }

  @Override
  public void add(Integer value) {
    sum += value;
  }

  /** Without a box. */
  public void add(int value) {
    sum += value;
  }

  @Override
  public Integer getLocalValue() {
    return sum;
  }

  @Override
  public void resetLocal() {
    sum = 0;
  }

  @Override
  public void merge(Accumulator<Integer, Integer> other) {
    sum += other.getLocalValue();
  }

  @Override
  public IntCounter clone() {
    return new IntCounter(sum);
  }

  @Override
  public String toString() {
    return "IntCounter " + sum;
  }
}
