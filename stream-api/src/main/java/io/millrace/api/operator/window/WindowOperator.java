package io.millrace.api.operator.window;

import io.millrace.api.operator.EventClock;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionOperator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.Flattening;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.DynamicEventTimeSessionWindows;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.MergingWindowAssigner;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowStagger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;

/** Keeps the contents of each window of each key, and asks the trigger when to compute them. */
final class WindowOperator<K, T, A, V, O, W extends Window> implements FunctionOperator<T, O> {
  private final WindowSpec<T, W> spec;
  private final Contents<T, A, V, W> contents;
  private final WindowCall<K, W, V, O> call;
  private final TypeInformation<T> type;
  private final WindowAssigner<T, W> assigner;
  private final Trigger<T, W> trigger;
  private final FunctionLife life;
  private final TimerDomain endDomain;

  /** Null if windows do not merge. */
  private final MergingWindowAssigner<T, W> merging;

  /** Whether windows are sessions that do nothing but fire when they end. */
  private final boolean plainSessions;

  private OperatorContext context;
  private Moment moment;
  private Serializer<T> serializer;
  private EventClock clock;
  private WindowContents<T, A, V, W> kept;
  private Scene<K, W, O> scene;
  private WindowCall.Bound<V> bound;
  private TriggerView<W, A> view;
  private LateRecords<T> late;
  private WindowAssigner.WindowAssignerContext assigning;

  /** Null where windows are not moved. */
  private Stagger stagger;

  private ValueState<KeyWindows<W, A>> state;

  WindowOperator(
      WindowSpec<T, W> spec,
      Contents<T, A, V, W> contents,
      WindowCall<K, W, V, O> call,
      TypeInformation<T> type) {
    this.spec = spec;
    this.contents = contents;
    this.call = call;
    this.type = type;
    assigner = spec.assigner();
    trigger = spec.firing();
    endDomain = spec.endDomain();
    merging = assigner instanceof MergingWindowAssigner<T, W> merges ? merges : null;
    plainSessions =
        ((Object) assigner instanceof EventTimeSessionWindows
                || (Object) assigner instanceof DynamicEventTimeSessionWindows)
            && (Object) trigger instanceof EventTimeTrigger;
    life = new FunctionLife(contents.function(), call.function());
  }

  @Override
  @SuppressWarnings("unchecked") // windows of W with contents of A
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    moment = new Moment(context);
    clock = new EventClock(context, WindowOperators.EVENT_TIME);
    serializer = type.serializer(context.userClassLoader());
    kept = contents.ofWindows(context);
    TypeInformation<W> windowType = assigner.getWindowType();
    var stateType =
        (TypeInformation<KeyWindows<W, A>>)
            TypeInformation.of(KeyWindows.class, windowType, contents.type());
    var descriptor = new ValueStateDescriptor<>(WindowOperators.WINDOWS, stateType);
    descriptor.setMeaning("windows that are kept each for itself");
    state = context.keyed().value(descriptor, flattening(windowType));
    if (context.keyed().forgetsWakes()) {
      context.keyed().forEachKey(descriptor, key -> wake(state.value()));
    }
    var ofTrigger = new WindowStates<>(context, WindowOperators.TRIGGER, windowType);
    ofTrigger.declare(trigger.states(), "states() of the trigger");
    view = new TriggerView<>(context, moment, clock, ofTrigger);
    scene =
        new Scene<>(
            context,
            output,
            clock,
            merging == null
                ? new WindowStates<>(context, WindowOperators.OF_WINDOW, windowType)
                : null);
    bound = call.bind(scene);
    late = new LateRecords<>(spec.lateTag(), context, output);
    assigning =
        new WindowAssigner.WindowAssignerContext() {
          @Override
          public long getCurrentProcessingTime() {
            return moment.millis();
          }

          @Override
          public long staggerOffset(WindowStagger kind, long size) {
            return stagger.offset();
          }
        };
    life.open(context);
    scene.declare(call.windowStates());
    clock.restore(life.states());
    stagger = spec.stagger(context, moment::millis);
    if (stagger != null) {
      stagger.restore(life.states());
    }
  }

  @SuppressWarnings("unchecked") // windows of W are such windows
  private Flattening<KeyWindows<W, A>> flattening(TypeInformation<W> windowType) {
    return windowType.equals(TimeWindow.TYPE)
        ? (Flattening<KeyWindows<W, A>>)
            (Flattening<?>) FlatWindows.of(Flattening.of(contents.type()))
        : null;
  }

  private void wake(KeyWindows<W, A> mine) {
    for (TimerDomain domain : TimerDomain.values()) {
      if (mine.timer(domain) != KeyWindows.NONE) {
        context.keyed().wakeAt(domain, mine.timer(domain));
      }
    }
  }

  @Override
  public OptionalLong restoredWatermark() {
    return OptionalLong.of(clock.restored());
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    moment.next();
    KeyWindows<W, A> mine = state.value();
    boolean isNew = mine == null;
    if (isNew) {
      mine = new KeyWindows<>();
    }
    kept.at(mine);
    boolean taken = false;
    Iterator<W> windows = assigner.assignWindows(value, timestamp, assigning).iterator();
    while (windows.hasNext()) {
      W assigned = windows.next();
      // A function may change what it gets: each window has a record of its own.
      T own = windows.hasNext() ? serializer.copy(value) : value;
      W window = merging == null ? assigned : merge(mine, assigned);
      if (!forgotten(window)) {
        taken = true;
        add(mine, window, own, timestamp);
      }
    }
    if (!mine.panes.isEmpty()) {
      state.update(mine);
    } else if (!isNew) {
      state.clear();
    }
    if (!taken && isLate(timestamp)) {
      late.take(value, timestamp);
    }
  }

  private void add(KeyWindows<W, A> mine, W window, T value, long timestamp) throws Exception {
    Pane<W, A> pane = mine.find(window);
    boolean begins = pane == null;
    if (begins) {
      pane = mine.add(window);
    }
    view.at(mine, pane);
    if (begins) {
      awaitEnd(pane);
    }
    pane.contents = kept.add(pane.contents, value, timestamp);
    TriggerResult result = trigger.onElement(value, timestamp, window, view);
    apply(result, pane, true);
    dropIfIdle(mine, pane);
  }

  /** Whether the window ended so long ago that it takes no more records. */
  private boolean forgotten(W window) {
    return assigner.isEventTime() && spec.forgottenAt(window) <= clock.watermark();
  }

  private boolean isLate(long timestamp) {
    return assigner.isEventTime()
        && WindowSpec.later(timestamp, spec.latenessMillis()) <= clock.watermark();
  }

  private void awaitEnd(Pane<W, A> pane) {
    long end = spec.forgottenAt(pane.window);
    if (end != Long.MAX_VALUE) {
      view.want(endDomain, end);
    }
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    moment.next();
    KeyWindows<W, A> mine = state.value();
    if (mine == null || mine.timer(domain) != time) {
      return; // its windows are gone, merged or purged, or wait for something else
    }
    mine.setTimer(domain, KeyWindows.NONE);
    kept.at(mine);
    if (mine.panes.size() == 1) { // nearly always: then there is no list to be changed meanwhile
      fireIfDue(mine, mine.panes.get(0), time, domain);
    } else {
      for (Pane<W, A> pane : List.copyOf(mine.panes)) {
        fireIfDue(mine, pane, time, domain);
      }
    }
    awaitNext(mine);
    if (mine.panes.isEmpty()) {
      state.clear();
    } else {
      state.update(mine);
    }
  }

  private void fireIfDue(KeyWindows<W, A> mine, Pane<W, A> pane, long time, TimerDomain domain)
      throws Exception {
    boolean ends = domain == endDomain && spec.forgottenAt(pane.window) == time;
    if (pane.removeTimer(domain, time) || ends) {
      fire(mine, pane, time, domain, ends);
    }
  }

  private void fire(
      KeyWindows<W, A> mine, Pane<W, A> pane, long time, TimerDomain domain, boolean ends)
      throws Exception {
    view.at(mine, pane);
    TriggerResult result =
        domain == TimerDomain.EVENT_TIME
            ? trigger.onEventTime(time, pane.window, view)
            : trigger.onProcessingTime(time, pane.window, view);
    apply(result, pane, !ends);
    if (ends) {
      purge(pane);
      trigger.clear(pane.window, view);
      scene.at(pane.window);
      bound.clear();
      mine.remove(pane);
    } else {
      dropIfIdle(mine, pane);
    }
  }

  private void apply(TriggerResult result, Pane<W, A> pane, boolean goesOn) throws Exception {
    if (result.isFire() && pane.contents != null) {
      scene.at(pane.window);
      boolean keep = goesOn && !result.isPurge();
      pane.contents = kept.fire(pane.contents, keep, pane.window, bound, scene);
    }
    if (result.isPurge()) {
      purge(pane);
    }
  }

  private void purge(Pane<W, A> pane) {
    if (pane.contents != null) {
      kept.drop(pane.contents);
      pane.contents = null;
    }
  }

  /**
   * A window that never ends by itself needs no place while it is empty, unless it is to be known
   * that it reaches to where the next record's does.
   */
  private void dropIfIdle(KeyWindows<W, A> mine, Pane<W, A> pane) {
    if (merging == null
        && pane.contents == null
        && !pane.hasTimers()
        && spec.forgottenAt(pane.window) == Long.MAX_VALUE) {
      mine.remove(pane);
    }
  }

  private void awaitNext(KeyWindows<W, A> mine) {
    for (Pane<W, A> pane : mine.panes) {
      view.at(mine, pane);
      awaitEnd(pane);
      if (pane.eventTimers != null) {
        view.want(TimerDomain.EVENT_TIME, pane.eventTimers[0]);
      }
      if (pane.processingTimers != null) {
        view.want(TimerDomain.PROCESSING_TIME, pane.processingTimers[0]);
      }
    }
  }

  /** Makes place for a window by merging it with others; returns the one that it became. */
  private W merge(KeyWindows<W, A> mine, W added) throws Exception {
    if (mine.panes.isEmpty() || mine.find(added) != null) {
      return added;
    }
    if (plainSessions && mine.panes.size() == 1) {
      return extend(mine, added);
    }
    var all = new ArrayList<W>(mine.panes.size() + 1);
    for (Pane<W, A> pane : mine.panes) {
      all.add(pane.window);
    }
    all.add(added);
    var merges = new ArrayList<Merge<W>>(1);
    merging.mergeWindows(all, (olds, result) -> merges.add(new Merge<>(List.copyOf(olds), result)));
    W become = added;
    for (Merge<W> merge : merges) {
      boolean takesPart = merge.olds.contains(added);
      become = takesPart ? merge.result : become;
      if (takesPart && forgotten(added) && forgotten(merge.result)) {
        continue; // too late even with those that are about to fire, which stay as they are
      }
      carryOut(mine, merge);
    }
    return become;
  }

  /**
   * What {@link #merge} comes to for a key with one session, which is nearly every key and record:
   * its pane goes on under another window.
   */
  @SuppressWarnings("unchecked") // sessions are such windows
  private W extend(KeyWindows<W, A> mine, W added) throws Exception {
    Pane<W, A> pane = mine.panes.get(0);
    var session = (TimeWindow) pane.window;
    var another = (TimeWindow) added;
    if (!session.intersects(another)) {
      return added;
    }
    var both = (W) session.cover(another);
    if (both.equals(pane.window) || forgotten(both)) {
      return both;
    }
    pane.window = both;
    pane.eventTimers = null;
    pane.processingTimers = null;
    view.at(mine, pane);
    awaitEnd(pane);
    trigger.onMerge(both, view);
    return both;
  }

  private record Merge<W>(List<W> olds, W result) {}

  private void carryOut(KeyWindows<W, A> mine, Merge<W> merge) throws Exception {
    var olds = new ArrayList<Pane<W, A>>(merge.olds.size());
    for (W old : merge.olds) {
      Pane<W, A> pane = mine.find(old);
      if (pane != null) {
        olds.add(pane);
      }
    }
    if (olds.isEmpty() || olds.size() == 1 && olds.get(0).window.equals(merge.result)) {
      return; // a new window, or one that lies within an old one
    }
    if (forgotten(merge.result)) {
      throw new IllegalStateException(
          "windows were merged into "
              + merge.result
              + ", which ends before the watermark "
              + clock.watermark()
              + "; "
              + assigner.getClass().getSimpleName()
              + " must not make windows shorter by merging them");
    }
    olds.forEach(mine::remove);
    Pane<W, A> pane = mine.add(merge.result);
    for (Pane<W, A> old : olds) {
      if (old.contents != null) {
        pane.contents =
            pane.contents == null ? old.contents : kept.merge(pane.contents, old.contents);
      }
    }
    view.at(mine, pane).mergedFrom(olds.stream().map(old -> old.window).toList());
    awaitEnd(pane);
    trigger.onMerge(merge.result, view);
    for (Pane<W, A> old : olds) {
      if (!old.window.equals(merge.result)) {
        trigger.clear(old.window, view.at(mine, old));
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
