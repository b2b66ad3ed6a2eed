package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.config.JobSettings;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessFunction;
import io.millrace.simulator.RandomJob.Item;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Sits in one subtask where the channels of readers meet, each of which has one lane of {@link
 * Lanes}, and holds event time against all that they can have said by then. What a lane says behind
 * an item is known, but not how much of it has come before the next item of that lane does: so this
 * knows every state that the channels may be in. Once event time is that of none of them, it emits
 * an item that should not be.
 */
final class Confluence extends ProcessFunction<Item, Item> implements CheckpointedFunction {
  private final Lanes lanes;
  private final Disorder disorder;
  private final boolean overtaken;
  private transient List<Lane> said;
  private transient LinkedHashSet<Moment> possible;
  private transient Outside outside;
  private transient boolean restored;

  /** Where a channel stands. */
  private record Said(long watermark, boolean idle, boolean ended) {
    static final Said NOTHING = active(Long.MIN_VALUE);

    static Said active(long watermark) {
      return new Said(watermark, false, false);
    }

    Said asleep() {
      return new Said(watermark, true, false);
    }

    Said over() {
      return new Said(watermark, false, true);
    }
  }

  /**
   * What a channel says from its last item to its next.
   *
   * @param steps in order
   * @param surely as many of them have come when the next item does
   */
  private record Lane(List<Said> steps, int surely) {
    /** Whether the next item may come there: whoever fell asleep by the clock wakes up before. */
    boolean mayBringNext(int step) {
      Said there = steps.get(step);
      return step == surely || step > surely && !there.idle && !there.ended;
    }
  }

  /**
   * @param steps that each channel has come to
   */
  private record Moment(List<Integer> steps, long watermark) {}

  /**
   * @param overtaken whether barriers overtake records: what was in flight then is not what the
   *     readers would say
   */
  Confluence(Lanes lanes, Disorder disorder, boolean overtaken) {
    this.lanes = lanes;
    this.disorder = disorder;
    this.overtaken = overtaken;
  }

  /** What it says of items that come straight from their readers. */
  static DataStream<Item> of(DataStream<Item> items, Lanes lanes, Disorder disorder) {
    boolean overtaken =
        items.getExecutionEnvironment().getConfiguration().find(JobSettings.UNALIGNED).orElse(true);
    return items.process(new Confluence(lanes, disorder, overtaken)).setParallelism(1);
  }

  @Override
  public void initializeState(FunctionInitializationContext context) {
    restored = context.isRestored();
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  public void open(OpenContext context) {
    outside = LedgerLoader.outsideIn(getRuntimeContext().getUserCodeClassLoader()).orElse(null);
    said = new ArrayList<>();
    possible = new LinkedHashSet<>();
    var start = new ArrayList<Integer>();
    for (int lane = 0; lane < lanes.lanes(); lane++) {
      said.add(atFirst());
      start.add(0);
    }
    if (outside != null && !(restored && overtaken)) {
      possible.add(new Moment(start, Long.MIN_VALUE));
    }
  }

  private Lane atFirst() {
    var steps = new ArrayList<Said>();
    steps.add(Said.NOTHING);
    mayFallAsleep(steps);
    if (restored) {
      steps.add(Said.NOTHING.over()); // it had been read to its end
    }
    return new Lane(steps, 0);
  }

  /** For a while, by the clock. */
  private void mayFallAsleep(List<Said> steps) {
    if (disorder.idleMillis() > 0) {
      Said awake = steps.get(steps.size() - 1);
      steps.add(awake.asleep());
      steps.add(awake);
    }
  }

  @Override
  public void processElement(Item item, Context context, Collector<Item> out) {
    if (possible.isEmpty()) {
      return;
    }
    long watermark = context.timerService().currentWatermark();
    int lane = item.lane();
    var now = new LinkedHashSet<Moment>();
    for (Moment moment : reachable()) {
      if (moment.watermark == watermark && said.get(lane).mayBringNext(moment.steps.get(lane))) {
        now.add(new Moment(with(moment.steps, lane, 0), watermark));
        tellOf(moment);
      }
    }
    possible = now;
    if (now.isEmpty()) {
      out.collect(new Item(-1, -1, -1, -1));
      return;
    }
    said.set(lane, behind(item, said.get(lane).steps.get(said.get(lane).surely)));
  }

  private Lane behind(Item item, Said before) {
    var steps = new ArrayList<Said>();
    steps.add(before);
    steps.add(Said.active(before.watermark)); // a nap ends with the next watermark, any
    long watermark = disorder.time(item) - disorder.bound() - 1;
    Said awake = Said.active(Math.max(before.watermark, watermark));
    steps.add(awake);
    int surely = steps.size() - 1;
    if (disorder.naps(item)) {
      steps.add(awake.asleep());
      surely++;
    } else {
      mayFallAsleep(steps);
    }
    if (item.number() + lanes.lanes() >= lanes.count()) {
      steps.add(awake);
      steps.add(awake.over());
    }
    return new Lane(steps, surely);
  }

  private static List<Integer> with(List<Integer> steps, int lane, int step) {
    var changed = new ArrayList<>(steps);
    changed.set(lane, step);
    return List.copyOf(changed);
  }

  /** Whatever more has come meanwhile. */
  private LinkedHashSet<Moment> reachable() {
    var found = new LinkedHashSet<>(possible);
    var left = new ArrayDeque<>(possible);
    while (!left.isEmpty()) {
      Moment moment = left.remove();
      for (int lane = 0; lane < said.size(); lane++) {
        int step = moment.steps.get(lane) + 1;
        if (step < said.get(lane).steps.size()) {
          List<Integer> steps = with(moment.steps, lane, step);
          var next = new Moment(steps, eventTime(steps, moment.watermark));
          if (found.add(next)) {
            left.add(next);
          }
        }
      }
    }
    return found;
  }

  /** What several channels come to, the plainest way there is. */
  private long eventTime(List<Integer> steps, long before) {
    List<Said> left = standing(steps).stream().filter(each -> !each.ended).toList();
    List<Said> awake = left.stream().filter(each -> !each.idle).toList();
    if (left.isEmpty()) {
      return Long.MAX_VALUE;
    }
    if (awake.isEmpty()) {
      return Math.max(before, left.stream().mapToLong(Said::watermark).max().getAsLong());
    }
    // Who has slept holds up nobody until it has caught up.
    return awake.stream()
        .mapToLong(Said::watermark)
        .filter(each -> each >= before)
        .min()
        .orElse(before);
  }

  private List<Said> standing(List<Integer> steps) {
    var standing = new ArrayList<Said>();
    for (int lane = 0; lane < said.size(); lane++) {
      standing.add(said.get(lane).steps.get(steps.get(lane)));
    }
    return standing;
  }

  private void tellOf(Moment moment) {
    for (Said each : standing(moment.steps)) {
      if (each.idle && each.watermark < moment.watermark) {
        outside.hit("event time passed a channel that was idle");
      } else if (!each.ended
          && each.watermark > Long.MIN_VALUE
          && each.watermark < moment.watermark) {
        outside.hit("event time did not wait for a channel that had been idle");
      }
    }
  }
}
