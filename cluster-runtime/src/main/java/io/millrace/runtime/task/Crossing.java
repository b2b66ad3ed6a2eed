package io.millrace.runtime.task;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.kernel.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The checkpoint whose barrier overtakes elements at this task, from when the barrier is first seen
 * until all that it has overtaken is recorded; at most one at a time. Before the timeout barriers
 * keep their place. In jobs that do not say whether they want unaligned checkpoints they overtake
 * late, which is better than a checkpoint that fails because a task is slow.
 */
final class Crossing {
  private static final long NONE = -1;

  /**
   * Of the time that a checkpoint has, for barriers that keep their place; the rest is to store.
   */
  private static final int PART_OF_TIMEOUT = 4;

  private final boolean on;
  private final long timeoutMillis;
  private final TaskBlueprint blueprint;
  private final Outbox outbox;
  private final Consumer<TaskEvent> events;

  /** The newest checkpoint that was seen, and when its first barrier set out, by this clock. */
  private long seen = NONE;

  private long seenSinceMillis;

  /** Whether a barrier waits until then. */
  private boolean waits;

  private Held held;

  /** A cut that is not told before it is complete. */
  private static final class Held {
    final Element.Barrier barrier;
    final List<TaskEvent.OperatorCut> operators;
    final List<FrozenChannel> sent = new ArrayList<>();

    /** {@code null} if the inputs were aligned. */
    final Recording recording;

    boolean expedited;
    Overflow.Pin pin;

    Held(Element.Barrier barrier, List<TaskEvent.OperatorCut> operators, Recording recording) {
      this.barrier = barrier;
      this.operators = operators;
      this.recording = recording;
    }
  }

  Crossing(TaskBlueprint blueprint, Outbox outbox, Consumer<TaskEvent> events) {
    Configuration settings = blueprint.settings();
    Optional<Boolean> wished = settings.find(JobSettings.UNALIGNED);
    boolean oneAtATime =
        settings.get(JobSettings.CHECKPOINTS_AT_ONCE) == 1
            || !settings.get(JobSettings.CHECKPOINT_MIN_PAUSE).isZero();
    this.on =
        wished.orElse(oneAtATime)
            && settings.get(JobSettings.CHECKPOINT_MODE).equals("EXACTLY_ONCE");
    this.timeoutMillis =
        wished.isPresent()
            ? settings.get(JobSettings.ALIGNED_TIMEOUT).toMillis()
            : settings.get(JobSettings.CHECKPOINT_TIMEOUT).toMillis() / PART_OF_TIMEOUT;
    this.blueprint = blueprint;
    this.outbox = outbox;
    this.events = events;
  }

  /** Whether barriers may overtake in this job. */
  boolean on() {
    return on;
  }

  boolean concerns(Purpose purpose) {
    return on && purpose.isCheckpoint();
  }

  /** Whether the barrier, which has come to this task, need not wait any longer. */
  boolean due(Element.Barrier barrier, long nowMillis) {
    long since = nowMillis - barrier.ageMillis();
    if (barrier.checkpoint() > seen) {
      seen = barrier.checkpoint();
      seenSinceMillis = since;
    } else {
      seenSinceMillis = Math.min(seenSinceMillis, since);
    }
    boolean due = seenSinceMillis + timeoutMillis <= nowMillis;
    waits |= !due;
    return due;
  }

  private Element.Barrier aged(Element.Barrier barrier, long nowMillis) {
    return new Element.Barrier(
        barrier.checkpoint(), barrier.purpose(), nowMillis - seenSinceMillis);
  }

  /** The monotonic time from which a barrier that waits may overtake. */
  long dueAtMillis() {
    return waits ? seenSinceMillis + timeoutMillis : Long.MAX_VALUE;
  }

  /** A step begins; whether anything waits will be seen in it. */
  void look() {
    waits = false;
  }

  /**
   * The operators have cut: sends the barrier on.
   *
   * @param recording of inputs that have not all brought the barrier; else {@code null}
   */
  void cut(
      Element.Barrier barrier,
      List<TaskEvent.OperatorCut> operators,
      Recording recording,
      long nowMillis) {
    drop();
    boolean due = due(barrier, nowMillis);
    Element.Barrier sent = aged(barrier, nowMillis);
    held = new Held(sent, operators, recording);
    if (due) {
      held.expedited = true;
      held.sent.addAll(outbox.overtake(sent));
      held.pin = outbox.overflow().pin();
    } else {
      outbox.control(sent);
    }
    advance(nowMillis);
  }

  /** Tells the cut as soon as it is complete. */
  void advance(long nowMillis) {
    if (held == null) {
      return;
    }
    long checkpoint = held.barrier.checkpoint();
    if (held.recording != null) {
      held.recording.look();
      if (held.recording.isLost()) {
        drop();
        return;
      }
    }
    if (!held.expedited && !outbox.passed(checkpoint)) {
      if (!due(held.barrier, nowMillis)) {
        return;
      }
      held.expedited = true;
      held.sent.addAll(outbox.expedite(aged(held.barrier, nowMillis)));
      held.pin = outbox.overflow().pin();
    }
    if (held.recording == null || held.recording.isComplete()) {
      tell();
    }
  }

  private void tell() {
    var channels = new ArrayList<FrozenChannel>();
    if (held.recording != null) {
      channels.addAll(
          held.recording.frozen(
              blueprint.subtask(),
              blueprint.chain().parallelism(),
              blueprint.chain().maxParallelism()));
    }
    channels.addAll(held.sent);
    Overflow.Pin pin = held.pin;
    events.accept(
        new TaskEvent.Cut(
            held.barrier.checkpoint(),
            held.barrier.purpose().directory(),
            held.operators,
            new TaskEvent.InFlightCut(
                channels,
                () -> {
                  if (pin != null) {
                    pin.release();
                  }
                })));
    held = null;
  }

  /** The channel has brought an element. */
  void taken(int channel, Element element) {
    if (held != null && held.recording != null) {
      held.recording.taken(channel, element);
    }
  }

  /** The checkpoint, and all before it, are over. */
  void settle(long checkpoint) {
    if (held != null && held.barrier.checkpoint() <= checkpoint) {
      drop();
    }
  }

  /** Gives up what is held. */
  void drop() {
    if (held != null) {
      new TaskEvent.Cut(held.barrier.checkpoint(), "", held.operators).discard();
      if (held.pin != null) {
        held.pin.release();
      }
      held = null;
    }
  }
}
