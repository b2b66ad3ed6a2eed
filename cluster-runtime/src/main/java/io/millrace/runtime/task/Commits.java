package io.millrace.runtime.task;

import io.millrace.api.operator.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the operators of a task have to do once checkpoints are durable; one checkpoint at a time.
 */
final class Commits {
  private static final long NONE = -1;

  private final Chain chain;
  private final Consumer<TaskEvent> events;
  private final List<Completion> running = new ArrayList<>();

  /** Highest checkpoint that was heard of as completed. */
  private long completed = NONE;

  /** Highest of them for which the operators have been asked. */
  private long asked = NONE;

  /** What the running work belongs to: {@link #asked}, or what was restored. */
  private long committing = NONE;

  private long reported = NONE;
  private boolean last;
  private boolean lastCommitted;

  Commits(Chain chain, Consumer<TaskEvent> events) {
    this.chain = chain;
    this.events = events;
  }

  /**
   * What the restored state holds was promised by a durable checkpoint; whether its commit came
   * about before the failure is not known.
   */
  void restored() {
    long newest = NONE;
    for (Link link : chain.links()) {
      for (var committable : link.restoredCommittables()) {
        newest = Math.max(newest, committable.checkpoint());
      }
    }
    if (newest != NONE) {
      start(newest);
    }
  }

  void completed(long checkpoint, boolean isLast) {
    completed = Math.max(completed, checkpoint);
    last |= isLast;
    next();
  }

  void done(Completion work) {
    if (running.removeIf(each -> each == work)) {
      work.done();
      if (running.isEmpty()) {
        report(committing);
        next();
      }
    }
  }

  private void next() {
    if (running.isEmpty() && completed > asked) {
      asked = completed;
      start(completed);
    }
    if (last && !lastCommitted && running.isEmpty()) {
      lastCommitted = true;
      if (reported != completed) {
        report(completed);
      }
    }
  }

  private void report(long checkpoint) {
    reported = checkpoint;
    events.accept(new TaskEvent.Committed(checkpoint));
  }

  /** Without work nothing is reported, but for the last checkpoint: it would only add traffic. */
  private void start(long checkpoint) {
    committing = checkpoint;
    for (Link link : chain.links()) {
      Completion work = completion(link, checkpoint);
      if (work != Completion.NOTHING) {
        running.add(work);
      }
    }
    for (Completion work : List.copyOf(running)) {
      events.accept(new TaskEvent.CommitWanted(checkpoint, work));
    }
  }

  private static Completion completion(Link link, long checkpoint) {
    try {
      return link.operator.completed(checkpoint);
    } catch (Exception | Error e) {
      throw link.failed(e);
    }
  }

  /** Whether the final checkpoint is complete and all that it promised is committed. */
  boolean lastCommitted() {
    return lastCommitted;
  }
}
