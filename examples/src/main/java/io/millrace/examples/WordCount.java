package io.millrace.examples;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;
import java.util.Locale;

/**
 * Counts the words of text files: one line {@code <count> <word>} for each word. A word is a
 * maximal run of letters and digits, in lower case.
 *
 * <p>{@code --input <file, directory or glob> --output <directory> [--parallelism <n>]}
 */
public final class WordCount {
  private static final String USAGE =
      "--input <file, directory or glob> --output <directory> [--parallelism <n>]";

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments(USAGE, List.of("input", "output", "parallelism"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    if (arguments.has("parallelism")) {
      env.setParallelism((int) arguments.number("parallelism", 1));
    }
    env.readTextFile(arguments.text("input"))
        .uid("lines")
        .flatMap(new Words())
        .name("words")
        .uid("words")
        .keyBy(word -> word)
        .process(new CountToTheEnd())
        .name("count")
        .uid("count")
        .writeAsText(arguments.text("output"))
        .name("counts")
        .uid("counts");
    env.execute("Word count");
  }

  /** Takes lines apart. */
  static final class Words implements FlatMapFunction<String, String> {
    @Override
    public void flatMap(String line, Collector<String> out) {
      int start = -1;
      int at = 0;
      while (at < line.length()) {
        int character = line.codePointAt(at);
        if (Character.isLetterOrDigit(character)) {
          start = start < 0 ? at : start;
        } else if (start >= 0) {
          out.collect(line.substring(start, at).toLowerCase(Locale.ROOT));
          start = -1;
        }
        at += Character.charCount(character);
      }
      if (start >= 0) {
        out.collect(line.substring(start).toLowerCase(Locale.ROOT));
      }
    }
  }

  /** Keeps a count for each word and tells it when all input is read. */
  static final class CountToTheEnd extends KeyedProcessFunction<String, String, String> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(String word, Context context, Collector<String> out)
        throws Exception {
      Long before = count.value();
      if (before == null) {
        // The watermark at the end of all input is above every time there is.
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      }
      count.update(before == null ? 1 : before + 1);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      out.collect(count.value() + " " + context.getCurrentKey());
    }
  }

  private WordCount() {}
}
