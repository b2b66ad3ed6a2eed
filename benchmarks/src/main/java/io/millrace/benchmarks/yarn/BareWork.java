package io.millrace.benchmarks.yarn;

import io.millrace.benchmarks.workloads.Arrival;
import java.io.IOException;

/** The process in the second container of a {@link BareApplication}; needs no class of Hadoop's. */
public final class BareWork {
  private BareWork() {}

  /**
   * @param words what the names of the files of an {@link Arrival} begin with
   */
  public static void main(String[] words) throws IOException {
    new Arrival(words[0], 1).add();
  }
}
