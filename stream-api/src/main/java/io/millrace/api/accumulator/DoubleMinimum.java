package io.millrace.api.accumulator;

/** The lowest {@code double} value; {@code Double.POSITIVE_INFINITY} if there was none. */
public final class DoubleMinimum implements SimpleAccumulator<Double> {
  private double min;

  /** Begins without a value. */
  public DoubleMinimum() {
    this(Double.POSITIVE_INFINITY);
  }

  /** Begins with a value; {@link #resetLocal} forgets it. */
  public DoubleMinimum(double value) {
    min = value;
  }

  @Override
  public void add(Double value) {
    min = Math.min(min, value);
  }

  /** Without a box. */
  public void add(double value) {
    min = Math.min(min, value);
  }

  @Override
  public Double getLocalValue() {
    return min;
  }

  @Override
  public void resetLocal() {
    min = Double.POSITIVE_INFINITY;
  }

  @Override
  public void merge(Accumulator<Double, Double> other) {
    add(other.getLocalValue());
  }

  @Override
  public DoubleMinimum clone() {
    return new DoubleMinimum(min);
  }

  @Override
  public String toString() {
    return "DoubleMinimum " + min;
  }
}
