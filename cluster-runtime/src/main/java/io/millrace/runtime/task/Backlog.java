package io.millrace.runtime.task;

import io.millrace.runtime.exchange.Batch;

/**
 * Records that were in flight between two operators which are fused now, as the job goes on with
 * another parallelism: the way from one to the other is a call, and holds nothing. So the task
 * hands them to the operators that they were on their way to, from the chain's ends on, and only
 * then does anything else: whatever the chain does by itself is newer than they are, timers and
 * barriers too.
 */
final class Backlog {
  private final Replay replay;
  private final Chain chain;
  private final Outbox outbox;

  private Batch batch;
  private int position;

  /** Whether nothing is left. */
  private boolean taken;

  private Backlog(Replay replay, Chain chain, Outbox outbox) {
    this.replay = replay;
    this.chain = chain;
    this.outbox = outbox;
    this.taken = replay == null;
  }

  static Backlog of(TaskBlueprint blueprint, Chain chain, Outbox outbox) {
    return new Backlog(Replay.insideOf(blueprint), chain, outbox);
  }

  boolean isTaken() {
    return taken;
  }

  /**
   * Hands on about {@code limit} records, less if the outbox blocks.
   *
   * @return how many, and one for what is between them
   */
  int take(int limit) {
    if (batch == null) {
      batch = (Batch) replay.poll();
      position = 0;
      taken = batch == null;
      return 1;
    }
    Link consumer = chain.links().get(replay.way());
    int from = position;
    while (position < batch.size() && position - from < limit && !outbox.blocked()) {
      consumer.process(batch.value(position), batch.timestamp(position++));
    }
    int done = position - from;
    if (position == batch.size()) {
      batch = null;
    }
    return done;
  }
}
