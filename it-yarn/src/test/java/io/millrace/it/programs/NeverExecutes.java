package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;

/** Describes a stream and forgets to run it. */
public final class NeverExecutes {
  public static void main(String[] words) {
    StreamExecutionEnvironment.getExecutionEnvironment().fromElements(1, 2, 3).print();
  }

  private NeverExecutes() {}
}
