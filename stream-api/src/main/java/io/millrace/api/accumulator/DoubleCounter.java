package io.millrace.api.accumulator;

/** A sum of {@code double} values. */
public final class DoubleCounter implements SimpleAccumulator<Double> {
  private double sum;

  public DoubleCounter() {}

  public DoubleCounter(double initial) {
    sum = initial;
  }

  @Override
  public void add(Double value) {
    sum += value;
  }

  /** Without a box. */
  public void add(double value) {
    sum += value;
  }

  @Override
  public Double getLocalValue() {
    return sum;
  }

  @Override
  public void resetLocal() {
    sum = 0;
  }

  @Override
  public void merge(Accumulator<Double, Double> other) {
    sum += other.getLocalValue();
  }

  @Override
  public DoubleCounter clone() {
    return new DoubleCounter(sum);
  }

  @Override
  public String toString() {
    return "DoubleCounter " + sum;
  }
}
