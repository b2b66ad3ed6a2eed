package io.millrace.api.operator;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.eventtime.TimestampAssigner;
import io.millrace.api.eventtime.TimestampAssignerSupplier;
import io.millrace.api.eventtime.WatermarkAlignmentParams;
import io.millrace.api.eventtime.WatermarkStrategy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The event time of one reader: gives its records their timestamps, has a watermark generator for
 * each of its splits, and emits the lowest watermark of all that are not idle; when the last of
 * them turns idle, the highest of all, whichever fell asleep first. A reader whose splits have no
 * names, or that has none at the moment, counts as one split.
 *
 * <p>Under a strategy with watermark alignment it also tells which splits are too far ahead to be
 * read. It judges by the timestamps between two watermarks, so that a fast reader does not run away
 * until its generators are asked. A split that is idle is never too far ahead: it has no records.
 * Nor is one that must wait idle.
 */
public final class ReaderTime<T> implements ReaderOutput<T> {
  private final WatermarkStrategy<T> strategy;
  private final TimestampAssigner<T> assigner;
  private final Output<T> output;
  private final Part whole;
  private final Map<String, Part> splits = new TreeMap<>();
  private final Ticks ticks;
  private final WatermarkAlignmentParams alignment;

  /** Up to where splits may be read; nothing is known of the others at first. */
  private Limit limit;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean idle;

  /** While all generators are asked, their answers are put together only once. */
  private boolean ticking;

  public ReaderTime(
      WatermarkStrategy<T> strategy,
      Output<T> output,
      long monotonicMillis,
      Configuration settings) {
    this.strategy = strategy;
    this.output = output;
    this.alignment = strategy.getAlignmentParameters();
    this.limit = alignment.isEnabled() ? Limit.of(Timestamps.MIN_WATERMARK, alignment) : Limit.NONE;
    boolean plain = strategy.leavesTimeAlone() && !alignment.isEnabled();
    this.assigner =
        plain ? null : strategy.createTimestampAssigner(new TimestampAssignerSupplier.Context());
    this.whole = new Part();
    this.ticks = new Ticks(monotonicMillis, settings);
    if (plain) {
      ticks.stop();
    }
  }

  /** Whose watermarks the reader waits for. */
  public WatermarkAlignmentParams alignment() {
    return alignment;
  }

  /** The lowest watermark of the reader's group; its highest if there is nobody to wait for. */
  public void alignTo(long lowest) {
    limit = Limit.of(lowest, alignment);
  }

  /** Nothing is known of the reader's group any more: it waits for nobody. */
  public void alignToNobody() {
    limit = Limit.NONE;
  }

  /** What was emitted last, or {@code Timestamps.MAX_WATERMARK} if all splits are idle. */
  public long reached() {
    return idle ? Timestamps.MAX_WATERMARK : watermark;
  }

  /** Whether all splits are too far ahead, so that the reader must not be polled. */
  public boolean holdsAll() {
    if (limit == Limit.NONE) {
      return false;
    }
    boolean all = true;
    for (Part part : parts()) {
      all &= part.held();
    }
    return all;
  }

  /** Splits that are too far ahead now and were not at the last call, and the other way round. */
  public Optional<Change> changes() {
    if (!alignment.isEnabled()) {
      return Optional.empty();
    }
    var paused = new ArrayList<String>();
    var resumed = new ArrayList<String>();
    splits.forEach(
        (id, part) -> {
          boolean held = part.held();
          if (held != part.paused) {
            part.paused = held;
            (held ? paused : resumed).add(id);
          }
        });
    return paused.isEmpty() && resumed.isEmpty()
        ? Optional.empty()
        : Optional.of(new Change(paused, resumed));
  }

  /** Ids of splits that a reader is to leave alone, and of those that it may read again. */
  public record Change(List<String> paused, List<String> resumed) {}

  @Override
  public SourceOutput<T> createOutputForSplit(String splitId) {
    Part part = splits.get(splitId);
    if (part == null) {
      part = new Part();
      splits.put(splitId, part);
      announce();
    }
    return part;
  }

  @Override
  public void releaseOutputForSplit(String splitId) {
    if (splits.remove(splitId) != null) {
      if (splits.isEmpty()) {
        whole.progression.active(); // the break until the next one begins now
      }
      announce();
    }
  }

  @Override
  public void collect(T value) {
    collect(value, Timestamps.NONE);
  }

  @Override
  public void collect(T value, long timestamp) {
    if (!splits.isEmpty() && assigner != null) {
      throw new IllegalStateException(
          "the reader has splits with names, "
              + splits.keySet()
              + ", and emits a record of none of them; collect it in the output that"
              + " createOutputForSplit gives");
    }
    whole.collect(value, timestamp);
  }

  @Override
  public void emitWatermark(long timestampMillis) {
    whole.emitWatermark(timestampMillis);
  }

  @Override
  public void markIdle() {
    whole.markIdle();
  }

  @Override
  public void markActive() {
    whole.markActive();
  }

  /** The monotonic time at which {@link #wake} is wanted next. */
  public long nextWakeMillis() {
    return ticks.nextMillis();
  }

  /** Asks all generators for their watermarks, if it is time. */
  public void wake(long monotonicMillis) {
    if (!ticks.due(monotonicMillis)) {
      return;
    }
    long elapsed = ticks.elapsedMillis(monotonicMillis);
    ticking = true;
    for (Part part : parts()) {
      part.tick(elapsed);
    }
    ticking = false;
    announce();
  }

  private Collection<Part> parts() {
    return splits.isEmpty() ? List.of(whole) : splits.values();
  }

  private void announce() {
    if (ticking) {
      return;
    }
    long lowest = Timestamps.MAX_WATERMARK;
    long highest = Timestamps.MIN_WATERMARK;
    boolean allIdle = true;
    for (Part part : parts()) {
      long reached = part.progression.watermark();
      highest = Math.max(highest, reached);
      if (!part.progression.idle()) {
        allIdle = false;
        lowest = Math.min(lowest, reached);
      }
    }
    boolean wasIdle = idle;
    idle = allIdle;
    if (wasIdle && !idle) {
      output.idle(false);
    }
    if (idle && wasIdle) {
      return;
    }
    long now = idle ? highest : lowest;
    if (now > watermark) {
      watermark = now;
      output.watermark(now);
    }
    if (idle) {
      output.idle(true); // behind the watermark, which would wake those behind it
    }
  }

  /** A split, or the reader as a whole. */
  private final class Part implements SourceOutput<T>, Progression.Listener {
    private final Progression<T> progression = new Progression<>(strategy, this);

    /** Highest timestamp, and what it was when the watermark was looked at last. */
    private long highest = Timestamps.NONE;

    private long highestThen = Timestamps.NONE;

    /** Whether the reader was told to leave it alone. */
    private boolean paused;

    /** Whether it could have been read all the time since the last period. */
    private boolean heldSinceTick;

    boolean held() {
      // Without periods nothing but a watermark would put an estimate right, for which a split that
      // is held waits in vain.
      long then = ticks.areNone() ? highest : highestThen;
      boolean held =
          limit != Limit.NONE
              && !progression.idle()
              && limit.isPassed(progression.watermark(), then, highest);
      heldSinceTick |= held;
      return held;
    }

    void tick(long elapsed) {
      // Nobody is quiet who is not asked, whether or not the reader was polled in between.
      held();
      progression.tick(heldSinceTick ? 0 : elapsed);
      highestThen = highest;
      heldSinceTick = false;
    }

    @Override
    public void collect(T value) {
      collect(value, Timestamps.NONE);
    }

    @Override
    public void collect(T value, long timestamp) {
      if (assigner == null) {
        output.collect(value, timestamp);
        return;
      }
      long assigned = assigner.extractTimestamp(value, timestamp);
      progression.active();
      output.collect(value, assigned);
      if (assigned > highest) {
        highestThen = highest == Timestamps.NONE ? assigned : highestThen;
        highest = assigned;
      }
      progression.onEvent(value, assigned);
    }

    @Override
    public void emitWatermark(long timestampMillis) {
      progression.emitWatermark(timestampMillis);
    }

    @Override
    public void markIdle() {
      progression.markIdle();
    }

    @Override
    public void markActive() {
      progression.markActive();
    }

    @Override
    public void advanced(long before, long now) {
      highestThen = highest;
      // Whoever was ahead of the lowest holds back nobody.
      if (before <= watermark) {
        announce();
      }
    }

    @Override
    public void idleChanged() {
      announce();
    }
  }
}
