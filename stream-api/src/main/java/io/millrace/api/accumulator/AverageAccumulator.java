package io.millrace.api.accumulator;

/** The mean of all values; 0 if there was none. */
public final class AverageAccumulator implements SimpleAccumulator<Double> {
  private long count;
  private double sum;

  @Override
  public void add(Double value) {
    add((double) value);
  }

  /** Without a box. */
  public void add(double value) {
    count++;
    sum += value;
  }

  @Override
  public Double getLocalValue() {
    return count == 0 ? 0.0 : sum / count;
  }

  @Override
  public void resetLocal() {
    count = 0;
    sum = 0;
  }

  /**
   * @throws IllegalArgumentException if the other one is of another kind: its mean alone does not
   *     tell of how many values
   */
  @Override
  public void merge(Accumulator<Double, Double> other) {
    if (!(other instanceof AverageAccumulator average)) {
      throw new IllegalArgumentException("an average cannot take in a " + other.getClass());
    }
    count += average.count;
    sum += average.sum;
  }

  @Override
  public AverageAccumulator clone() {
    var copy = new AverageAccumulator();
    copy.count = count;
    copy.sum = sum;
    return copy;
  }

  @Override
  public String toString() {
    return "AverageAccumulator " + getLocalValue() + " of " + count;
  }
}
