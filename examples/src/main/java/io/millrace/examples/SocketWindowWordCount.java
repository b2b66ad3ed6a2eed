package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import java.time.Duration;
import java.util.List;

/**
 * Counts the words that a server sends, every five seconds. {@code nc -lk 9999} is a server to play
 * with.
 *
 * <p>{@code --host <name> --port <number> [--seconds <n>]}
 */
public final class SocketWindowWordCount {
  private static final String USAGE = "--host <name> --port <number> [--seconds <n>]";

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments(USAGE, List.of("host", "port", "seconds"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    int port = (int) arguments.number("port", 9999);
    var window = Duration.ofSeconds(arguments.number("seconds", 5));
    counts(env.socketTextStream(arguments.text("host"), port), window).print();
    env.execute("Socket window word count");
  }

  /** The words of each window of the wall clock, with how often they came. */
  static DataStream<Tuple2<String, Long>> counts(DataStream<String> lines, Duration window) {
    return lines
        .flatMap(
            (String line, Collector<Tuple2<String, Long>> out) ->
                new WordCount.Words().flatMap(line, word -> out.collect(Tuple2.of(word, 1L))))
        .returns(new TypeHint<Tuple2<String, Long>>() {})
        .keyBy(pair -> pair.f0)
        .window(TumblingProcessingTimeWindows.of(window))
        .sum(1);
  }

  private SocketWindowWordCount() {}
}
