package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.sink.DiscardingSink;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes its TaskManager down with the hundredth record. Argument: {@code halt}, which no hook of
 * the JVM sees, or {@code memory}, which asks for more than there is.
 */
public final class EndsItsProcess {
  public static final int CODE = 7;

  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1).enableCheckpointing(500);
    boolean halt = words[0].equals("halt");
    env.fromSequence(1, Long.MAX_VALUE)
        .map(number -> number < 100 ? number : end(halt))
        .sinkTo(new DiscardingSink<>());
    env.execute("Ends its process");
  }

  private static long end(boolean halt) {
    System.err.println("no way out \u001b[2J password=hunter2");
    System.err.flush();
    if (halt) {
      Runtime.getRuntime().halt(CODE);
    }
    List<long[]> all = new ArrayList<>();
    while (true) {
      all.add(new long[1 << 20]);
    }
  }

  private EndsItsProcess() {}
}
