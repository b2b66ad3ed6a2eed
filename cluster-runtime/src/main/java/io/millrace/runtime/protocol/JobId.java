package io.millrace.runtime.protocol;

/** 32 lower-case hex digits. */
public record JobId(String hex) implements Comparable<JobId> {
  public JobId {
    if (!hex.matches("[0-9a-f]{32}")) {
      throw new IllegalArgumentException(
          "a job id is 32 lower-case hex digits, found '" + hex + "'");
    }
  }

  @Override
  public int compareTo(JobId other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
