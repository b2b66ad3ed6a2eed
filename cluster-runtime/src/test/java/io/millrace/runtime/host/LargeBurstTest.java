package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.MapFunction;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** One record becomes far more than memory should hold. */
@Timeout(120)
class LargeBurstTest {
  private static final int RECORDS = 2_000_000;
  private static final String TEXT = "some text that makes a record large enough to be noticed ";

  /** What lived on the heap more when all was emitted and hardly anything taken. */
  private static final AtomicLong GROWTH = new AtomicLong();

  private static final class Burst implements FlatMapFunction<Integer, String> {
    @Override
    public void flatMap(Integer seed, Collector<String> out) {
      long before = live();
      for (int i = 0; i < RECORDS; i++) {
        out.collect(TEXT + (seed + i));
      }
      GROWTH.set(live() - before);
    }

    private static long live() {
      System.gc();
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
  }

  /** The last record tells whether all came, each once and in order. */
  private static final class Checked implements MapFunction<String, String> {
    private int next;
    private String wrong = "all";

    @Override
    public String map(String record) {
      if (!record.equals(TEXT + (7 + next)) && wrong.equals("all")) {
        wrong = "expected " + (7 + next) + ", found " + record;
      }
      next++;
      return next < RECORDS ? "" : next + " records, " + wrong;
    }
  }

  @Test
  void theExcessOfOneRecordWaitsOnDiskAndComesInOrder(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("exchange.overflow.memory", "1 mb");
    env.fromElements(7)
        .flatMap(new Burst())
        .rebalance()
        .map(new Checked())
        .filter(line -> !line.isEmpty())
        .sinkTo(output);
    env.execute();

    assertThat(output.records()).isEqualTo(List.of(RECORDS + " records, all"));
    // In memory they would take more than 200 MB. The rest of the JVM may move a little.
    assertThat(GROWTH.get()).isLessThan(32L << 20);
  }
}
