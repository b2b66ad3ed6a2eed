package io.millrace.api.operator.window;

import io.millrace.api.operator.EventClock;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionOperator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.Flattening;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimeWindow;
import java.util.Iterator;
import java.util.OptionalLong;

/**
 * Windows of one size at regular intervals, which fire when they end: each record is added to one
 * slice, and a window that fires joins its slices. Emits what {@link WindowOperator} would, if the
 * function does not mind the order of records: that one adds them in the order in which they come,
 * while here slices are joined in the order of their times, and only within a slice, so also within
 * a tumbling window, does the order of arrival count.
 */
final class SliceOperator<K, T, A, V, O> implements FunctionOperator<T, O> {
  private final SliceGrid aligned;
  private final WindowSpec<T, TimeWindow> spec;
  private final Contents.Joined<T, A, V, TimeWindow> contents;
  private final WindowCall<K, TimeWindow, V, O> call;
  private final TypeInformation<T> type;
  private final FunctionLife life;
  private final TimerDomain domain;

  private OperatorContext context;
  private Moment moment;
  private EventClock clock;
  private Accumulation<T, A, V, TimeWindow> accumulation;
  private Scene<K, TimeWindow, O> scene;
  private WindowCall.Bound<V> bound;
  private LateRecords<T> late;
  private ValueState<KeySlices<A>> state;

  /** Null where windows are not moved. */
  private Stagger stagger;

  /** That of the current key. */
  private SliceGrid grid;

  /** {@code null} where nothing is merged, and once it is known that it may be. */
  private MergeProof<T, A> proof;

  SliceOperator(
      SliceGrid grid,
      WindowSpec<T, TimeWindow> spec,
      Contents.Joined<T, A, V, TimeWindow> contents,
      WindowCall<K, TimeWindow, V, O> call,
      TypeInformation<T> type) {
    this.aligned = grid;
    this.grid = grid;
    this.spec = spec;
    this.contents = contents;
    this.call = call;
    this.type = type;
    life = new FunctionLife(contents.function(), call.function());
    domain = spec.endDomain();
  }

  @Override
  @SuppressWarnings("unchecked") // slices with contents of A
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    moment = new Moment(context);
    clock = new EventClock(context, WindowOperators.EVENT_TIME);
    accumulation = contents.accumulation(context.userClassLoader());
    var slices =
        (TypeInformation<KeySlices<A>>) TypeInformation.of(KeySlices.class, contents.type());
    var descriptor = new ValueStateDescriptor<>(WindowOperators.WINDOWS, slices);
    descriptor.setMeaning(grid.inWords() + spec.sliceTimesInWords());
    state = context.keyed().value(descriptor, FlatSlices.of(Flattening.of(contents.type())));
    if (context.keyed().forgetsWakes()) {
      context.keyed().forEachKey(descriptor, key -> wake(state.value()));
    }
    proof = grid.size() > grid.slide() ? contents.proof(type, context.userClassLoader()) : null;
    scene =
        new Scene<>(
            context,
            output,
            clock,
            new WindowStates<>(context, WindowOperators.OF_WINDOW, TimeWindow.TYPE));
    bound = call.bind(scene);
    late = new LateRecords<>(spec.lateTag(), context, output);
    life.open(context);
    scene.declare(call.windowStates());
    clock.restore(life.states());
    stagger = spec.stagger(context, moment::millis);
    if (stagger != null) {
      stagger.restore(life.states());
    }
  }

  @Override
  public OptionalLong restoredWatermark() {
    return OptionalLong.of(clock.restored());
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    moment.next();
    if (domain == TimerDomain.EVENT_TIME) {
      processInEventTime(value, timestamp);
    } else {
      processNow(value, timestamp);
    }
  }

  private void processInEventTime(T value, long timestamp) throws Exception {
    if (!aligned.holds(timestamp)) {
      spec.assigner().assignWindows(value, timestamp, null); // tells what is wrong
    }
    moveGrid();
    long start = grid.sliceOf(timestamp);
    long watermark = clock.watermark();
    if (start == SliceGrid.NONE || grid.forgottenAt(start) <= watermark) {
      if (WindowSpec.later(timestamp, grid.lateness()) <= watermark) {
        late.take(value, timestamp);
      }
      return;
    }
    KeySlices<A> mine = mine();
    add(mine, start, value, timestamp, watermark);
    if (grid.firstEnd(start) <= watermark) {
      fireAgain(mine, start, watermark);
    }
    state.update(mine);
  }

  /**
   * By the wall clock nothing is late. But it may go back: where a window has fired of which slices
   * are held for others, it is for that key never before the next one to fire.
   */
  private void processNow(T value, long timestamp) throws Exception {
    moveGrid();
    KeySlices<A> mine = mine();
    long time = moment.millis();
    if (!mine.slices.isEmpty() && grid.firstEnd(mine.slices.get(0).start) < mine.timer) {
      time = Math.max(time, grid.earliestOf(mine.timer));
    }
    long start = grid.sliceOf(time);
    if (start != SliceGrid.NONE) {
      add(mine, start, value, timestamp, time - 1);
      state.update(mine);
    }
  }

  /**
   * @param reached the time that has passed
   */
  private void add(KeySlices<A> mine, long start, T value, long timestamp, long reached)
      throws Exception {
    if (proof != null && !proof.look(context.keyed().currentKey(), value)) {
      proof = null;
    }
    Slice<A> slice = slice(mine, start, reached);
    slice.contents = accumulation.add(slice.contents, value, timestamp);
  }

  private void moveGrid() {
    if (stagger != null) {
      grid = aligned.moved(stagger.offset());
    }
  }

  private KeySlices<A> mine() throws Exception {
    KeySlices<A> mine = state.value();
    return mine == null ? new KeySlices<>() : mine;
  }

  private Slice<A> slice(KeySlices<A> mine, long start, long reached) {
    Slice<A> slice = mine.find(start);
    if (slice == null) {
      slice = mine.add(start);
      want(mine, next(start, reached));
    }
    return slice;
  }

  /**
   * Adds several records at once. Only without lateness and a side output of late records: with
   * those each record counts by itself.
   *
   * @param timestamp of the record, if it is one that is in no window
   */
  void merge(Partial<K, A> partial, long timestamp) throws Exception {
    long start = partial.slice();
    long watermark = clock.watermark();
    if (start == SliceGrid.NONE || grid.forgottenAt(start) <= watermark) {
      if (start != SliceGrid.NONE || timestamp <= watermark) {
        late.drop(partial.records());
      }
      return;
    }
    KeySlices<A> mine = mine();
    Slice<A> slice = slice(mine, start, watermark);
    slice.contents =
        slice.contents == null
            ? partial.contents()
            : accumulation.merge(slice.contents, partial.contents());
    state.update(mine);
  }

  /** Windows that have fired already but still take records fire again, the latest first. */
  private void fireAgain(KeySlices<A> mine, long slice, long watermark) throws Exception {
    for (long end = grid.lastEnd(slice); end >= grid.firstEnd(slice); end -= grid.slide()) {
      if (end <= watermark && WindowSpec.later(end, grid.lateness()) > watermark) {
        fire(mine, end, Timestamps.MIN_WATERMARK);
      }
    }
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    KeySlices<A> mine = state.value();
    if (mine == null || mine.timer != time) {
      return; // not wanted any more
    }
    mine.timer = KeySlices.NONE;
    moment.next();
    moveGrid();
    if (grid.isEnd(time)) {
      fire(mine, time, time);
    }
    if (call.clears() && grid.isEnd(time - grid.lateness())) {
      clear(mine, time - grid.lateness());
    }
    // All end in the order in which they start.
    while (!mine.slices.isEmpty() && grid.forgottenAt(mine.slices.get(0).start) <= time) {
      mine.slices.remove(0);
    }
    if (mine.slices.isEmpty()) {
      state.clear();
      return;
    }
    long next = Long.MAX_VALUE;
    for (Slice<A> slice : mine.slices) {
      next = Math.min(next, next(slice.start, time));
    }
    want(mine, next);
    state.update(mine);
  }

  /** When a slice needs attention next: a window that holds it ends, or it is forgotten. */
  private long next(long slice, long time) {
    long end = grid.nextEnd(slice, time);
    long next = end == SliceGrid.NONE ? grid.forgottenAt(slice) : end;
    if (call.clears() && grid.lateness() > 0 && time != Timestamps.MIN_WATERMARK) {
      long forgotten =
          grid.nextEnd(slice, Math.max(time, Long.MIN_VALUE + grid.lateness()) - grid.lateness());
      if (forgotten != SliceGrid.NONE) {
        next = Math.min(next, WindowSpec.later(forgotten, grid.lateness()));
      }
    }
    return next;
  }

  private void want(KeySlices<A> mine, long time) {
    if (mine.timer == KeySlices.NONE || time < mine.timer) {
      mine.timer = time;
      wake(mine);
    }
  }

  private void wake(KeySlices<A> mine) {
    if (mine.timer != KeySlices.NONE) {
      context.keyed().wakeAt(domain, mine.timer);
    }
  }

  /**
   * Computes the window with the given highest timestamp, if it holds any records.
   *
   * @param now what is forgotten by then needs no copy
   */
  private void fire(KeySlices<A> mine, long end, long now) throws Exception {
    long from = end + 1 - grid.size();
    A all = null;
    for (Slice<A> slice : mine.slices) {
      if (slice.start > end) {
        break;
      }
      if (slice.start >= from) {
        boolean keep = grid.forgottenAt(slice.start) > now;
        A part = keep ? accumulation.copy(slice.contents) : slice.contents;
        all = all == null ? part : accumulation.merge(all, part);
      }
    }
    if (all != null) {
      scene.at(new TimeWindow(from, end + 1));
      bound.fire(accumulation.values(all));
    }
  }

  private void clear(KeySlices<A> mine, long end) throws Exception {
    long from = end + 1 - grid.size();
    Iterator<Slice<A>> slices = mine.slices.iterator();
    while (slices.hasNext()) {
      long start = slices.next().start;
      if (start >= from && start <= end) {
        scene.at(new TimeWindow(from, end + 1));
        bound.clear();
        return;
      }
    }
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    clock.keep();
    if (stagger != null) {
      stagger.keep();
    }
    return life.snapshot(checkpoint);
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
