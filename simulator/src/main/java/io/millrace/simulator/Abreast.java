package io.millrace.simulator;

import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFilterFunction;
import io.millrace.simulator.RandomJob.Item;
import java.io.Serializable;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Sources that wait for each other, with somebody behind each who sees how far it is read.
 *
 * @param drift in numbers of items, which are their times
 * @param poll how far a split may be read between two looks at its limit
 */
record Abreast(long drift, long intervalMillis, long poll) implements Serializable {
  private static final String GROUP = "all";

  /**
   * @param batchRecords most that a reader is asked for at a time
   * @param lanes most splits that the numbers of a source are dealt out to
   */
  static Abreast draw(SplittableRandom chance, int batchRecords, int lanes) {
    // What a source may advance in an interval must not make lives longer than its pace does.
    return new Abreast(
        20 + chance.nextInt(100), 20 + chance.nextInt(180), 1L + batchRecords * lanes);
  }

  WatermarkStrategy<Item> strategy(WatermarkStrategy<Item> of) {
    return of.withWatermarkAlignment(
        GROUP, Duration.ofMillis(drift), Duration.ofMillis(intervalMillis));
  }

  SingleOutputStreamOperator<Item> watched(SingleOutputStreamOperator<Item> items, int readers) {
    return items.filter(new Watch(drift, poll)).setParallelism(readers);
  }

  /** Lets everything pass and tells the ledger. */
  private static final class Watch extends RichFilterFunction<Item> {
    private final long drift;
    private final long poll;
    private transient TreeMap<Integer, Long> first;
    private transient Ledger ledger;

    Watch(long drift, long poll) {
      this.drift = drift;
      this.poll = poll;
    }

    @Override
    public void open(OpenContext context) {
      first = new TreeMap<>();
      ClassLoader loader = getRuntimeContext().getUserCodeClassLoader();
      ledger = loader instanceof LedgerLoader ? LedgerLoader.ledgerOf(loader) : null;
    }

    @Override
    public boolean filter(Item item) {
      if (ledger != null) {
        long from = first.computeIfAbsent(item.lane(), lane -> item.number());
        ledger.reads(getRuntimeContext().getJobId(), item.number(), from, drift, poll);
      }
      return true;
    }
  }
}
