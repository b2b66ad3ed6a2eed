package io.millrace.simulator;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessFunction;
import io.millrace.simulator.RandomJob.Item;
import java.util.TreeMap;

/**
 * Sits right behind the readers of {@link Lanes} with a watermark behind each item, and holds the
 * watermark against what each lane of its reader has said: the lowest of those that nobody is told
 * not to wait for, and the highest if there is none. Passes items on, and adds one that should not
 * be where event time lags behind that, or is ahead though no lane can have been quiet for too
 * long.
 */
final class Vigil extends ProcessFunction<Item, Item> {
  private static final Said ENDED = new Said(Long.MAX_VALUE, false);

  private final Lanes lanes;
  private final Disorder disorder;
  private transient TreeMap<Integer, Said> said;
  private transient int awaited;
  private transient long reached;
  private transient Outside outside;

  /** What a lane has said last, and whether it naps. */
  private record Said(long watermark, boolean naps) {}

  Vigil(Lanes lanes, Disorder disorder) {
    this.lanes = lanes;
    this.disorder = disorder;
  }

  @Override
  public void open(OpenContext context) {
    said = new TreeMap<>();
    reached = Long.MIN_VALUE;
    int readers = getRuntimeContext().getNumberOfParallelSubtasks();
    int reader = getRuntimeContext().getIndexOfThisSubtask();
    for (int lane = 0; lane < lanes.lanes(); lane++) {
      awaited += lane % readers == reader ? 1 : 0;
    }
    outside = LedgerLoader.outsideIn(getRuntimeContext().getUserCodeClassLoader()).orElse(null);
  }

  @Override
  public void processElement(Item item, Context context, Collector<Item> out) {
    long watermark = context.timerService().currentWatermark();
    // Before each lane has been heard of, nothing is said of those that are silent or at their end.
    boolean early = watermark > reached && disorder.idleMillis() == 0;
    if (said.size() == awaited && outside != null) {
      if (watermark > reached) {
        outside.hit("event time passed a split that was quiet");
      }
      if (watermark < reached || early) {
        out.collect(new Item(-1, -1, -1, -1));
      }
    }
    out.collect(item);
    long before = said.containsKey(item.lane()) ? said.get(item.lane()).watermark : Long.MIN_VALUE;
    long now = Math.max(before, disorder.time(item) - disorder.bound() - 1);
    says(item.lane(), new Said(now, disorder.naps(item)));
    if (item.number() + lanes.lanes() >= lanes.count()) {
      says(item.lane(), ENDED);
    }
  }

  private void says(int lane, Said now) {
    said.put(lane, now);
    reached = Math.max(reached, said.size() == awaited ? together() : Long.MIN_VALUE);
  }

  private long together() {
    long lowest = Long.MAX_VALUE;
    long highest = Long.MIN_VALUE;
    for (Said each : said.values()) {
      if (each == ENDED) {
        continue; // nobody waits for it
      }
      highest = Math.max(highest, each.watermark);
      lowest = each.naps ? lowest : Math.min(lowest, each.watermark);
    }
    return lowest == Long.MAX_VALUE ? highest : lowest;
  }
}
