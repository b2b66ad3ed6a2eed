package io.millrace.runtime.task;

import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import java.util.List;
import java.util.Optional;

/** Answers readers that ask for splits; checkpoints start here. */
final class Assignment implements Intake {
  /** How long until an enumerator that had nothing for a reader is asked again. */
  private static final long RETRY_MILLIS = 100;

  private final Task task;
  private final Link head;
  private final EnumeratorOperator operator;
  private final List<OutChannel> channels;
  private final List<Outbox.Outlet> outlets;
  private final boolean[] asked;
  private final boolean[] finished;
  private int finishedCount;
  private long retryAtMillis = Long.MAX_VALUE;
  private long settled = -1;

  Assignment(
      Task task,
      Link head,
      EnumeratorOperator operator,
      List<OutChannel> channels,
      List<Outbox.Outlet> outlets) {
    this.task = task;
    this.head = head;
    this.operator = operator;
    this.channels = channels;
    this.outlets = outlets;
    this.asked = new boolean[channels.size()];
    this.finished = new boolean[channels.size()];
  }

  @Override
  public int take(Clock now, int limit) {
    int done = 0;
    boolean retry = retryAtMillis <= now.monotonicMillis();
    boolean unanswered = false;
    for (int reader = 0; reader < asked.length; reader++) {
      boolean fresh = channels.get(reader).takeRequest();
      asked[reader] |= fresh;
      if (asked[reader] && !finished[reader] && (fresh || retry)) {
        done += answer(reader) ? 1 : 0;
      }
      unanswered |= asked[reader] && !finished[reader];
    }
    if (!unanswered) {
      retryAtMillis = Long.MAX_VALUE;
    } else if (retry || retryAtMillis == Long.MAX_VALUE) {
      retryAtMillis = now.monotonicMillis() + RETRY_MILLIS;
    }
    if (finishedCount == asked.length && done > 0) {
      task.endOfInput();
    }
    return done;
  }

  private boolean answer(int reader) {
    try {
      Optional<Object> split = operator.enumerator().next(reader);
      if (split.isPresent()) {
        asked[reader] = false;
        outlets.get(reader).send(new Element.Split(split.get()));
        return true;
      }
      if (operator.enumerator().finishedFor(reader)) {
        finished[reader] = true;
        finishedCount++;
        outlets.get(reader).send(new Element.EndOfInput());
        return true;
      }
      return false;
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
  }

  @Override
  public String standing() {
    return finishedCount + " readers of " + asked.length + " have had their last split";
  }

  @Override
  public int takeBarriers() {
    return 0;
  }

  @Override
  public void trigger(long checkpoint, Purpose purpose) {
    if (checkpoint > settled) {
      settled = checkpoint;
      if (purpose.kind() == Purpose.Kind.DRAIN) {
        task.drain(checkpoint);
      } else {
        task.cut(new Element.Barrier(checkpoint, purpose));
      }
    }
  }

  @Override
  public void settle(long checkpoint) {
    settled = Math.max(settled, checkpoint);
  }

  @Override
  public long wakeAtMillis() {
    return retryAtMillis;
  }
}
