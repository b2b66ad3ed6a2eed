package io.millrace.runtime.task;

import io.millrace.api.config.JobSettings;
import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.Edge;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.TwoInputOperator;
import io.millrace.api.operator.WaitingOperator;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import java.util.List;

/** Feeds the head of a chain from the channels of its input edges. */
final class RecordIntake implements Intake {
  private final Task task;
  private final Link head;
  private final Outbox outbox;
  private final Inbox inbox;
  private final WatermarkMerger merger;

  /** The head if it has a second input; else {@code null}. */
  private final TwoInputOperator<Object, Object, Object> twoInputs;

  private final List<Way> ways;

  /** Whether the head is to have a current key. */
  private final boolean keyed;

  private final Crossing crossing;

  /** What was in flight; {@code null} once all of it is taken. */
  private Replay replay;

  private Batch batch;
  private int position;

  /** The channel of the element that was taken last. */
  private int channel;

  /** Of the batch, if its records have keys. */
  private final KeysAhead ahead = new KeysAhead();

  /** Where the batch came from. */
  private Way way;

  /** All channels have turned idle, which is told behind the watermark that this brought. */
  private boolean idlenessWaits;

  private long recordsIn;

  RecordIntake(Task task, Link head, Outbox outbox, TaskBlueprint blueprint, Crossing crossing) {
    this.task = task;
    this.head = head;
    this.outbox = outbox;
    this.crossing = crossing;
    this.ways = Way.of(blueprint.inputs(), blueprint.chain().cutsAhead(), blueprint.loader());
    this.replay = Replay.ofInputs(blueprint);
    this.twoInputs = twoInputs(head.operator);
    this.keyed = head.operator.asksForKeys();
    Check.that(
        twoInputs != null || ways.stream().noneMatch(Way::second),
        "an operator with a second input at '" + head.operatorName() + "', found one without");
    boolean exactlyOnce =
        blueprint.settings().get(JobSettings.CHECKPOINT_MODE).equals("EXACTLY_ONCE");
    this.inbox = new Inbox(ways.stream().map(Way::channel).toList(), exactlyOnce);
    this.merger = new WatermarkMerger(ways.size());
  }

  @SuppressWarnings("unchecked") // as all operators here: records are Objects
  private static TwoInputOperator<Object, Object, Object> twoInputs(
      Operator<Object, Object> operator) {
    return operator instanceof TwoInputOperator
        ? (TwoInputOperator<Object, Object, Object>) operator
        : null;
  }

  @Override
  public int take(Clock now, int limit) {
    if (idlenessWaits) {
      idlenessWaits = false;
      head.idle(true);
      return 1;
    }
    boolean fresh = batch == null;
    if (fresh) {
      Element element = next();
      if (element == null) {
        return 0;
      }
      if (!(element instanceof Batch records)) {
        control(element);
        return 1;
      }
      batch = records;
      position = 0;
      ahead.clear();
      way = ways.get(channel);
    }
    if (head.store != null && way.selector() == null) {
      head.store.clearCurrentKey(); // also that of a timer which fired amid the batch
    }
    int from = position;
    drive(Math.min(batch.size(), from + limit));
    int done = position - from;
    if (position == batch.size()) {
      batch = null;
    }
    // An operator that is full leaves what has come where it is.
    return Math.max(fresh ? 1 : 0, done);
  }

  private Element next() {
    if (replay != null) {
      Element element = replay.poll();
      if (element != null) {
        channel = replay.way();
        return element;
      }
      replay = null;
    }
    Element element = inbox.poll();
    if (element != null) {
      channel = inbox.channel();
      crossing.taken(channel, element);
    }
    return element;
  }

  @Override
  public void sight(Clock now) {
    // What is replayed is old: nothing overtakes it, and the next checkpoint need not hold it
    // again.
    Element.Barrier barrier = replay == null ? inbox.inSight() : Element.Barrier.NONE;
    if (barrier != Element.Barrier.NONE
        && crossing.due(barrier, now.monotonicMillis())
        && inbox.mayOvertake(barrier.checkpoint(), ways)) {
      Recording recording = recording(barrier.checkpoint());
      inbox.settle(barrier.checkpoint());
      task.cutAhead(barrier, recording);
    }
  }

  private Recording recording(long checkpoint) {
    var recording = new Recording(checkpoint, ways);
    Element.Due due = task.due();
    for (int i = 0; i < ways.size(); i++) {
      if (due != null && ways.get(i).partitioning() == Edge.Partitioning.KEY_GROUP) {
        recording.due(i, due); // in each, as the restored order of channels is not known yet
      }
      if (inbox.hasBarrier(i, checkpoint)) {
        recording.complete(i);
      } else {
        if (task.isFiring() && merger.of(i) > Timestamps.MIN_WATERMARK) {
          recording.watermark(i, merger.of(i));
        }
        if (batch != null && i == channel) {
          recording.rest(i, batch, position);
        }
      }
    }
    return recording;
  }

  private void drive(int end) {
    int next = position;
    KeySelector<Object, Object> selector = keyed ? way.selector() : null;
    TwoInputOperator<Object, Object, Object> second = way.second() ? twoInputs : null;
    WaitingOperator<Object, Object> waiting = head.waiting;
    try {
      while (next < end && !outbox.blocked() && (waiting == null || !waiting.full())) {
        Object value = batch.value(next);
        if (selector != null) {
          head.store.setCurrentKey(ahead.at(next, batch, end, selector, head.store));
        }
        if (second != null) {
          second.processSecond(value, batch.timestamp(next++));
        } else {
          head.operator.process(value, batch.timestamp(next++));
        }
      }
    } catch (Exception | Error e) {
      throw head.failed(e);
    } finally {
      recordsIn += next - position;
      position = next;
    }
  }

  private void control(Element element) {
    if (element instanceof Element.Barrier barrier) {
      // Even the one that stops the job ends no input: no last timer fires.
      barrier(barrier);
      return;
    }
    if (element instanceof Element.Due due) {
      task.fireDue(due);
      return;
    }
    if (element instanceof Element.Watermark watermark) {
      merger.watermark(channel, watermark.timestamp());
    } else if (element instanceof Element.Idle idle) {
      merger.idle(channel, idle.idle());
    } else if (element instanceof Element.EndOfInput) {
      inbox.ended(channel);
      merger.ended(channel);
    }
    if (inbox.allEnded()) {
      task.endOfInput();
      return;
    }
    if (merger.idleChanged()) {
      // A watermark wakes whoever is behind; the task may fire timers before it passes it on.
      if (merger.allIdle()) {
        idlenessWaits = true;
      } else {
        head.idle(false);
      }
    }
    if (merger.advance()) {
      task.advanceTo(merger.merged());
    }
  }

  private void barrier(Element.Barrier barrier) {
    if (inbox.barrier(barrier.checkpoint())) {
      task.cut(barrier);
    }
  }

  @Override
  public int takeBarriers() {
    Element element = next();
    if (element instanceof Element.Barrier barrier) {
      barrier(barrier);
    }
    return element == null ? 0 : 1;
  }

  @Override
  public void stopped() {
    inbox.stopped();
  }

  @Override
  public void settle(long checkpoint) {
    inbox.settle(checkpoint);
  }

  @Override
  public String standing() {
    String rest = batch == null ? "" : "channel " + channel + " is being read, ";
    return rest + inbox.standing();
  }

  @Override
  public long recordsIn() {
    return recordsIn;
  }
}
