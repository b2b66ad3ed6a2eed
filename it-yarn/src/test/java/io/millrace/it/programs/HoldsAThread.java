package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.MapFunction;

/** A function with a field that cannot travel. */
public final class HoldsAThread {
  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromElements(1, 2, 3).map(new Adder()).print();
    env.execute();
  }

  static final class Adder implements MapFunction<Integer, Integer> {
    private final Thread companion = Thread.currentThread();

    @Override
    public Integer map(Integer number) {
      return number + companion.getPriority();
    }
  }

  private HoldsAThread() {}
}
