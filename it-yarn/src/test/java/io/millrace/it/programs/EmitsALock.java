package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import java.util.concurrent.locks.ReentrantLock;

/** Emits what nobody can serialise, which shows only when it runs. */
public final class EmitsALock {
  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.fromElements(1, 2, 3)
        .map(number -> (Object) new ReentrantLock())
        .name("locksmith")
        .rebalance()
        .map(Object::toString)
        .print();
    env.execute();
  }

  private EmitsALock() {}
}
