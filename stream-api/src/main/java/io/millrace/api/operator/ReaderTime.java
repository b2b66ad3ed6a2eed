package io.millrace.api.operator;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.eventtime.TimestampAssigner;
import io.millrace.api.eventtime.TimestampAssignerSupplier;
import io.millrace.api.eventtime.WatermarkStrategy;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The event time of one reader: gives its records their timestamps, has a watermark generator for
 * each of its splits, and emits the lowest watermark of all that are not idle. A reader whose
 * splits have no names, or that has none at the moment, counts as one split.
 */
public final class ReaderTime<T> implements ReaderOutput<T> {
  private final WatermarkStrategy<T> strategy;
  private final TimestampAssigner<T> assigner;
  private final Output<T> output;
  private final Part whole;
  private final Map<String, Part> splits = new TreeMap<>();
  private final Ticks ticks;

  private long watermark = Timestamps.MIN_WATERMARK;
  private boolean idle;

  /** While all generators are asked, their answers are put together only once. */
  private boolean ticking;

  public ReaderTime(WatermarkStrategy<T> strategy, Output<T> output, long monotonicMillis) {
    this.strategy = strategy;
    this.output = output;
    this.assigner =
        strategy.leavesTimeAlone()
            ? null
            : strategy.createTimestampAssigner(new TimestampAssignerSupplier.Context());
    this.whole = new Part();
    this.ticks = new Ticks(monotonicMillis);
    if (strategy.leavesTimeAlone()) {
      ticks.stop();
    }
  }

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
      part.progression.tick(elapsed);
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
    boolean allIdle = true;
    for (Part part : parts()) {
      if (!part.progression.idle()) {
        allIdle = false;
        lowest = Math.min(lowest, part.progression.watermark());
      }
    }
    if (allIdle != idle) {
      idle = allIdle;
      output.idle(idle);
    }
    if (!allIdle && lowest > watermark) {
      watermark = lowest;
      output.watermark(lowest);
    }
  }

  /** A split, or the reader as a whole. */
  private final class Part implements SourceOutput<T>, Progression.Listener {
    private final Progression<T> progression = new Progression<>(strategy, this);

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
