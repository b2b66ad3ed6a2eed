package io.millrace.runtime.protocol;

import java.util.regex.Pattern;

/**
 * Who commands a job; higher wins. Written {@code <attempt>-<counter>} in file names, zero-padded
 * so that names sort like epochs.
 *
 * @param attempt of the JobManager's process, from 1; on YARN the application attempt
 * @param counter of claims within that process, from 1
 */
public record Epoch(int attempt, int counter) implements Comparable<Epoch> {
  public static final Epoch NONE = new Epoch(0, 0);

  private static final Pattern LABEL = Pattern.compile("[0-9]{5}-[0-9]{7}");

  public Epoch {
    if (attempt < 0 || counter < 0) {
      throw new IllegalArgumentException("an epoch is not negative: " + attempt + "-" + counter);
    }
  }

  @Override
  public int compareTo(Epoch other) {
    int byAttempt = Integer.compare(attempt, other.attempt);
    return byAttempt != 0 ? byAttempt : Integer.compare(counter, other.counter);
  }

  /** The form in file names. */
  public String label() {
    return padded(attempt, 5) + '-' + padded(counter, 7);
  }

  /** Made often: each status of an attempt in each heartbeat is told with it. */
  private static String padded(int number, int width) {
    String digits = Integer.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  /**
   * @throws IllegalArgumentException if the text is not a {@link #label}
   */
  public static Epoch parse(String label) {
    if (!LABEL.matcher(label).matches()) {
      throw new IllegalArgumentException("not an epoch: " + label);
    }
    return new Epoch(Integer.parseInt(label.substring(0, 5)), Integer.parseInt(label.substring(6)));
  }

  @Override
  public String toString() {
    return label();
  }
}
