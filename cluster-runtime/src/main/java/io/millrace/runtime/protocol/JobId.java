package io.millrace.runtime.protocol;

import java.util.regex.Pattern;

/** 32 lower-case hex digits. */
public record JobId(String hex) implements Comparable<JobId> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

  public JobId {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "a job id is 32 lower-case hex digits, found '" + hex + "'");
    }
  }

  @Override
  public int compareTo(JobId other) {
    // Mostly asked of one and the same, which compareTo would look through to its end.
    return hex.equals(other.hex) ? 0 : hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
