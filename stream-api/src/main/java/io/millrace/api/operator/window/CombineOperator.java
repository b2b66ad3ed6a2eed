package io.millrace.api.operator.window;

import io.millrace.api.config.JobSettings;
import io.millrace.api.function.KeySelector;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.WindowAssigner;

/**
 * Aggregates records by key and slice before they are sent. What it holds leaves in front of every
 * watermark, barrier and idleness, so the windows behind see no record later than they would
 * without it, and no window is computed at a time at which it would not be. It leaves soon in any
 * case: the windows may be ahead of this producer's watermark if it was idle. Decides nothing about
 * lateness: that is left to whoever knows the watermark of all inputs.
 */
final class CombineOperator<K, T, A> implements Operator<T, Partial<K, A>> {
  /** Most partial results that are held at a time. */
  static final int MOST_KEYS = 1_024;

  /** Most records that are held, for accumulators that grow with them. */
  static final int MOST_RECORDS = 64 * MOST_KEYS;

  /**
   * How many records go straight on after a round in which fewer than one in five was saved; then
   * it is tried again.
   */
  static final int STRAIGHT_ON = 16 * MOST_KEYS;

  /** For which the first of what is held waits, if records may wait as long for their batch. */
  static final long MOST_MILLIS = 10;

  private final WindowAssigner<T, TimeWindow> assigner;
  private final SliceGrid grid;
  private final Contents.Joined<T, A, ?, TimeWindow> contents;
  private final KeySelector<T, K> keys;
  private final TypeInformation<K> keyType;
  private final TypeInformation<T> type;

  private final HeldPartials<K, A> held = new HeldPartials<>(MOST_KEYS);
  private OperatorContext context;
  private Output<Partial<K, A>> output;
  private Accumulation<T, A, ?, TimeWindow> accumulation;

  /** {@code null} where nothing that is held can be part of a record. */
  private Serializer<T> copier;

  /** {@code null} once it is known that what this makes may be merged. */
  private MergeProof<T, A> proof;

  private int records;
  private int straightOn;
  private long mostMillis;

  /** The slice of the record before, and the times that belong to it. */
  private long slice = SliceGrid.NONE;

  private long sliceBegin;
  private long sliceEnd;

  /** When the first of what is held has waited long enough. */
  private long flushAtMillis = Long.MAX_VALUE;

  CombineOperator(
      WindowAssigner<T, TimeWindow> assigner,
      SliceGrid grid,
      Contents.Joined<T, A, ?, TimeWindow> contents,
      KeySelector<T, K> keys,
      TypeInformation<K> keyType,
      TypeInformation<T> type) {
    this.assigner = assigner;
    this.grid = grid;
    this.contents = contents;
    this.keys = keys;
    this.keyType = keyType;
    this.type = type;
  }

  @Override
  public void open(OperatorContext context, Output<Partial<K, A>> output) {
    this.context = context;
    this.output = output;
    mostMillis =
        Math.min(MOST_MILLIS, context.settings().get(JobSettings.BUFFER_TIMEOUT).toMillis());
    accumulation = contents.accumulation(context.userClassLoader());
    ClassLoader loader = context.userClassLoader();
    Serializer<T> serializer = type.serializer(loader);
    boolean asTheyAre =
        serializer.immutable()
            || holdsNoParts(loader)
            || context.settings().get(JobSettings.OBJECT_REUSE);
    copier = asTheyAre ? null : serializer;
    proof = contents.proof(type, loader);
  }

  /** What cannot be changed holds nothing that can, such as a record or its key. */
  private boolean holdsNoParts(ClassLoader loader) {
    return keyType.serializer(loader).immutable() && contents.type().serializer(loader).immutable();
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    if (!grid.holds(timestamp)) {
      assigner.assignWindows(value, timestamp, null); // tells what is wrong
    }
    // A sender in the same chain may go on to change what it has emitted, its key included.
    T own = copier == null ? value : copier.copy(value);
    K key = keys.getKey(own);
    if (proof != null && !proof.look(key, own)) {
      proof = null;
    }
    if (timestamp < sliceBegin || timestamp >= sliceEnd) {
      findSlice(timestamp);
    }
    boolean noWatermarkFollows = context.currentWatermark() == Timestamps.MAX_WATERMARK;
    if (slice == SliceGrid.NONE || noWatermarkFollows || straightOn > 0) {
      straightOn = Math.max(0, straightOn - 1);
      output.collect(
          new Partial<>(key, slice, accumulation.add(null, own, timestamp), 1), timestamp);
      return;
    }
    int index = held.indexOf(key, slice);
    held.keep(index, accumulation.add(held.contents(index), own, timestamp));
    if (records++ == 0) {
      flushAtMillis = context.monotonicMillis() + mostMillis;
    }
    if (held.size() == MOST_KEYS || records == MOST_RECORDS) {
      flush();
    }
  }

  /** Takes a few divisions, and most records are in the slice of the one before. */
  private void findSlice(long timestamp) {
    slice = grid.sliceOf(timestamp);
    sliceEnd = grid.endOf(timestamp);
    sliceBegin = slice == SliceGrid.NONE ? timestamp : slice;
  }

  private void flush() {
    boolean worthIt = records < MOST_KEYS || held.size() < records - records / 5;
    for (int index = 0; index < held.size(); index++) {
      Partial<K, A> partial = held.partial(index);
      output.collect(partial, partial.slice());
    }
    held.clear();
    records = 0;
    flushAtMillis = Long.MAX_VALUE;
    straightOn = worthIt ? 0 : STRAIGHT_ON;
  }

  @Override
  public long nextWakeMillis() {
    return flushAtMillis;
  }

  @Override
  public void wake(long monotonicMillis) {
    flush();
  }

  @Override
  public void watermark(long watermark, Output<Partial<K, A>> output) {
    flush();
    output.watermark(watermark);
  }

  @Override
  public void idle(boolean idle, Output<Partial<K, A>> output) {
    flush();
    output.idle(idle);
  }

  @Override
  public Frozen snapshot(long checkpoint) {
    flush();
    return Frozen.NOTHING;
  }
}
