package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;

/**
 * Two jobs, the second of which works on what the first has come to. Arguments: two output
 * directories, records of the first, records per second of both; further ones are of no use.
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
    double rate = Double.parseDouble(words[3]);
    long first = run("first", words[0], 0, Long.parseLong(words[2]), rate);
    System.out.println("the first has counted " + first);
    run("second", words[1], first, first, rate);
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
