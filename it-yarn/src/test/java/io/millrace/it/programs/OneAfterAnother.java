package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;

/**
 * Jobs, each of which works on what those before it have come to. Arguments: records of each,
 * records per second, a word that is of no use, and an output directory for each job.
 */
public final class OneAfterAnother {
  private static final class Counted extends RichMapFunction<Long, String> {
    private static final long serialVersionUID = 1;
    private transient LongCounter numbers;

    @Override
    public void open(OpenContext context) {
      numbers = new LongCounter();
      getRuntimeContext().addAccumulator("numbers", numbers);
    }

    @Override
    public String map(Long number) {
      numbers.add(1L);
      return number.toString();
    }
  }

  public static void main(String[] words) throws Exception {
    long count = Long.parseLong(words[0]);
    double rate = Double.parseDouble(words[1]);
    long from = 0;
    for (int i = 3; i < words.length; i++) {
      from += run("job " + (i - 2), words[i], from, count, rate);
      System.out.println("all jobs so far have counted " + from);
    }
  }

  /** How many numbers it has counted. */
  private static long run(String name, String output, long from, long count, double rate)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(500);
    env.<Long>fromGenerator(index -> from + index, count, rate)
        .map(new Counted())
        .writeAsText(output);
    return env.execute(name).<Long>getAccumulatorResult("numbers");
  }

  private OneAfterAnother() {}
}
