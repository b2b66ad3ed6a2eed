package io.millrace.simulator;

import io.millrace.api.eventtime.Watermark;
import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.simulator.RandomJob.Item;
import java.io.Serializable;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * How far items are out of order in event time, and how well watermarks know of it.
 *
 * @param spread less than that an item's time is ahead of its number
 * @param bound what watermarks think that it is at most
 * @param idleMillis after which silent ones are not waited for any more; 0 for never
 * @param napEach about every how many items a split says that nobody should wait for it; 0 for
 *     never
 * @param perRecord whether there is a watermark behind each record, and not from time to time
 */
record Disorder(int spread, int bound, int idleMillis, int napEach, boolean perRecord)
    implements Serializable {

  /** No item is ever late. */
  static Disorder known(SplittableRandom chance) {
    int spread = 1 + chance.nextInt(40);
    return new Disorder(spread, spread, 0, 0, chance.nextBoolean());
  }

  /** Some items may be late. */
  static Disorder underrated(SplittableRandom chance) {
    int spread = 1 + chance.nextInt(60);
    int nap = chance.nextInt(3) != 0 ? 2 + chance.nextInt(20) : 0;
    return new Disorder(
        spread,
        chance.nextInt(spread),
        chance.nextBoolean() ? 50 + chance.nextInt(500) : 0,
        nap,
        nap > 0 || chance.nextBoolean());
  }

  /** Whose watermarks follow from what was read alone, if there is one split. */
  Disorder punctual() {
    return new Disorder(spread, bound, 0, 0, true);
  }

  long time(Item item) {
    return item.number() + RandomJob.mix(31 * item.number() + 7) % spread;
  }

  /** Whether nobody should wait for a split behind that item. */
  boolean naps(Item item) {
    return napEach > 0 && RandomJob.mix(5 * item.number()) % napEach == 0;
  }

  WatermarkStrategy<Item> strategy() {
    var watermarks =
        perRecord
            ? WatermarkStrategy.<Item>forGenerator(context -> new EachRecord(this))
            : WatermarkStrategy.<Item>forBoundedOutOfOrderness(Duration.ofMillis(bound));
    var timed = watermarks.withTimestampAssigner((item, old) -> time(item));
    return idleMillis > 0 ? timed.withIdleness(Duration.ofMillis(idleMillis)) : timed;
  }

  /** A watermark behind each record, and a nap behind some of them. */
  private static final class EachRecord implements WatermarkGenerator<Item> {
    private final Disorder disorder;
    private long highest = Long.MIN_VALUE;

    EachRecord(Disorder disorder) {
      this.disorder = disorder;
    }

    @Override
    public void onEvent(Item item, long time, WatermarkOutput output) {
      highest = Math.max(highest, time);
      output.emitWatermark(new Watermark(highest - disorder.bound - 1));
      if (disorder.naps(item)) {
        output.markIdle();
      }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }
}
