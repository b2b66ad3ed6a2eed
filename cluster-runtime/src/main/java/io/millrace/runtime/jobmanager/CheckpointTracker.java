package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Progress of the checkpoint that is under way: at most one is, from its trigger until its manifest
 * is durable or it is given up. Ids only grow, over restarts too.
 */
final class CheckpointTracker {
  private final Duration interval;
  private final Duration timeout;
  private final Duration minPause;
  private final int retained;
  private final int tolerable;
  private long highestId;
  private Pending pending;
  private boolean committing;
  private long lastStartMillis = Long.MIN_VALUE;
  private long lastEndMillis = Long.MIN_VALUE;
  private int failuresInARow;

  private record Pending(
      long id,
      boolean last,
      Purpose purpose,
      TreeMap<AttemptId, List<SubtaskState>> acks,
      int wanted) {}

  CheckpointTracker(Configuration settings) {
    interval = settings.get(JobSettings.CHECKPOINT_INTERVAL);
    timeout = settings.get(JobSettings.CHECKPOINT_TIMEOUT);
    minPause = settings.get(JobSettings.CHECKPOINT_MIN_PAUSE);
    retained = settings.get(JobSettings.CHECKPOINTS_RETAINED);
    tolerable = settings.get(JobSettings.TOLERABLE_FAILED_CHECKPOINTS);
  }

  Duration timeout() {
    return timeout;
  }

  int retained() {
    return retained;
  }

  long highestId() {
    return highestId;
  }

  int failuresInARow() {
    return failuresInARow;
  }

  /** Whether more have failed one after the other than the job bears. */
  boolean intolerable() {
    return failuresInARow > tolerable;
  }

  /** Ids up to this have been seen somewhere and must not be used again. */
  void raise(long seen) {
    highestId = Math.max(highestId, seen);
  }

  /** The checkpoint whose parts are awaited. */
  OptionalLong collecting() {
    return pending == null || committing ? OptionalLong.empty() : OptionalLong.of(pending.id());
  }

  /** Whether a manifest is being written. */
  boolean committing() {
    return committing;
  }

  boolean idle() {
    return pending == null;
  }

  /**
   * When the next one is due, from now; empty if none is wanted by time.
   *
   * @param first whether the execution has just come to run
   */
  Optional<Duration> untilNext(Clock now, boolean first) {
    if (interval.isZero()) {
      return Optional.empty();
    }
    if (first || lastStartMillis == Long.MIN_VALUE) {
      return Optional.of(interval);
    }
    long due = lastStartMillis + interval.toMillis();
    if (lastEndMillis != Long.MIN_VALUE) {
      due = Math.max(due, lastEndMillis + minPause.toMillis());
    }
    return Optional.of(Duration.ofMillis(Math.max(0, due - now.monotonicMillis())));
  }

  /** What the one under way is for. */
  Purpose purpose() {
    return pending == null ? Purpose.CHECKPOINT : pending.purpose();
  }

  /** An id that no checkpoint will have. */
  long skip() {
    return ++highestId;
  }

  /** Starts one; its id. */
  long begin(Clock now, int attempts, boolean last, Purpose purpose) {
    Check.that(pending == null, "no checkpoint under way, found " + pending);
    highestId++;
    pending = new Pending(highestId, last, purpose, new TreeMap<>(), attempts);
    lastStartMillis = now.monotonicMillis();
    return highestId;
  }

  /**
   * Takes an attempt's part.
   *
   * @return whether that was the last one missing: {@link #manifest} is to be made durable now
   */
  boolean acked(AttemptId attempt, long checkpoint, List<SubtaskState> state) {
    if (pending == null || committing || pending.id() != checkpoint) {
      return false;
    }
    pending.acks().put(attempt, state);
    committing = pending.acks().size() == pending.wanted();
    return committing;
  }

  /** The checkpoint of which all parts are there. */
  Manifest manifest(
      JobId job,
      String lineage,
      Epoch epoch,
      int generation,
      Clock now,
      Optional<Stopped> stopped,
      List<NamedOperator> operators) {
    Check.that(committing, "all parts of a checkpoint, found " + pending);
    var states = new ArrayList<SubtaskState>();
    Collection<List<SubtaskState>> parts = pending.acks().values();
    parts.forEach(states::addAll);
    return new Manifest(
        job,
        lineage,
        epoch,
        generation,
        pending.id(),
        now.wallMillis(),
        pending.last(),
        states,
        stopped,
        operators);
  }

  /**
   * Parts that have come for the one under way; none once its manifest may be on its way, because
   * then nobody knows what became of it.
   */
  List<SubtaskState> collected() {
    return pending == null || committing
        ? List.of()
        : pending.acks().values().stream().flatMap(List::stream).toList();
  }

  /** Whether a part that comes now is of a checkpoint that was given up before. */
  boolean comesTooLate(long checkpoint) {
    return checkpoint <= highestId && (pending == null || pending.id() != checkpoint);
  }

  /** Its manifest is durable. */
  void completed(Clock now) {
    Check.that(committing, "a manifest being written");
    end(now);
    failuresInARow = 0;
  }

  /** Gives up the one under way, if any. */
  OptionalLong giveUp(Clock now) {
    if (pending == null) {
      return OptionalLong.empty();
    }
    long id = pending.id();
    failuresInARow += pending.purpose().equals(Purpose.CHECKPOINT) ? 1 : 0;
    end(now);
    return OptionalLong.of(id);
  }

  /** The tasks are gone: forgets the one under way, which counts as no failure of its own. */
  void reset() {
    pending = null;
    committing = false;
    failuresInARow = 0;
  }

  private void end(Clock now) {
    pending = null;
    committing = false;
    lastEndMillis = now.monotonicMillis();
  }
}
