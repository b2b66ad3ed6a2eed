package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.sink.DiscardingSink;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.Deflater;

/**
 * Takes its TaskManager down with the hundredth record. Argument: {@code halt}, which no hook of
 * the JVM sees, {@code memory}, which asks for more than there is, {@code native}, which has more
 * than the JVM knows of, or {@code kill}, as anybody could.
 */
public final class EndsItsProcess {
  public static final int CODE = 7;

  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1).enableCheckpointing(500);
    String way = words[0];
    env.fromSequence(1, Long.MAX_VALUE)
        .map(number -> number < 100 ? number : end(way))
        .sinkTo(new DiscardingSink<>());
    env.execute("Ends its process");
  }

  private static long end(String way) throws Exception {
    System.err.println("no way out \u001b[2J password=hunter2");
    System.err.flush();
    if (way.equals("halt")) {
      Runtime.getRuntime().halt(CODE);
    } else if (way.equals("kill")) {
      // From the outside, once others have heard of the line.
      String kill = "sleep 3; kill -9 " + ProcessHandle.current().pid();
      new ProcessBuilder("sh", "-c", kill).start().waitFor();
    } else if (way.equals("native")) {
      fillNativeMemory();
    }
    List<long[]> all = new ArrayList<>();
    while (true) {
      all.add(new long[1 << 20]);
    }
  }

  /** Each compressor has a quarter of a megabyte of the C library. */
  private static void fillNativeMemory() {
    var random = new SplittableRandom(1);
    var input = new byte[64 << 10];
    random.nextBytes(input);
    List<Deflater> all = new ArrayList<>();
    while (true) {
      var deflater = new Deflater();
      deflater.setInput(input);
      deflater.deflate(new byte[1 << 10]);
      all.add(deflater);
    }
  }

  private EndsItsProcess() {}
}
