package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.IntCounter;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;

/** Starts two jobs and waits for neither; the arguments are their output directories. */
public final class TwoAtOnce {
  private static final class Counted extends RichMapFunction<String, String> {
    private static final long serialVersionUID = 1;
    private transient IntCounter words;

    @Override
    public void open(OpenContext context) {
      words = new IntCounter();
      getRuntimeContext().addAccumulator("words", words);
    }

    @Override
    public String map(String word) {
      words.add(1);
      return word;
    }
  }

  public static void main(String[] outputs) throws Exception {
    for (String output : outputs) {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromElements("to", "be", "or", "not").map(new Counted()).writeAsText(output);
      env.executeAsync();
    }
  }

  private TwoAtOnce() {}
}
