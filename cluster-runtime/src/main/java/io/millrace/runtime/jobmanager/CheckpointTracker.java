package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Progress of the checkpoints that are under way, from their triggers until their manifests are
 * durable or they are given up. Ids only grow, over restarts too, and so do those of manifests: one
 * is written at a time, and a checkpoint that is complete leaves all older ones behind. Savepoints
 * and last checkpoints are alone under way.
 *
 * <p>Each checkpoint knows whose parts it awaits. That is the only lock against what older
 * executions still say: their attempts are awaited by none.
 */
final class CheckpointTracker {
  /** Which part of the interval an execution that follows another runs for before the first one. */
  private static final int PART_OF_INTERVAL = 10;

  /** How many an execution has completed that does not fail on and on. */
  private static final int STEADY = 2;

  private final Duration interval;
  private final Duration timeout;
  private final Duration minPause;
  private final int most;
  private final int retained;
  private final int tolerable;
  private long highestId;

  /** Those whose parts are awaited, and those that wait for their turn to be written. */
  private final TreeMap<Long, Pending> pending = new TreeMap<>();

  /** The one whose manifest is being written; {@code null} if none is. */
  private Pending committing;

  /** Highest id that was given up and that tasks have not been told of; 0 if there is none. */
  private long givenUp;

  private long lastStartMillis = Long.MIN_VALUE;
  private long lastEndMillis = Long.MIN_VALUE;
  private int failuresInARow;

  /** By the tasks of now. */
  private int completed;

  private static final class Pending {
    final long id;
    final boolean last;
    final Purpose purpose;
    final TreeSet<AttemptId> awaited;
    final TreeMap<AttemptId, List<SubtaskState>> parts = new TreeMap<>();

    Pending(long id, boolean last, Purpose purpose, Collection<AttemptId> awaited) {
      this.id = id;
      this.last = last;
      this.purpose = purpose;
      this.awaited = new TreeSet<>(awaited);
    }

    boolean alone() {
      return last || !purpose.equals(Purpose.CHECKPOINT);
    }

    Parts parts() {
      return new Parts(id, last, purpose, parts.values().stream().flatMap(List::stream).toList());
    }
  }

  /** What has come of a checkpoint: all of it if it is complete. */
  record Parts(long id, boolean last, Purpose purpose, List<SubtaskState> states) {}

  /**
   * A checkpoint is to be made durable.
   *
   * @param overtaken older ones, which will never be
   */
  record Complete(Parts parts, List<Parts> overtaken) {}

  CheckpointTracker(Configuration settings) {
    interval = settings.get(JobSettings.CHECKPOINT_INTERVAL);
    timeout = settings.get(JobSettings.CHECKPOINT_TIMEOUT);
    minPause = settings.get(JobSettings.CHECKPOINT_MIN_PAUSE);
    // A pause after the end of one is a pause only if none other is under way.
    most = minPause.isZero() ? settings.get(JobSettings.CHECKPOINTS_AT_ONCE) : 1;
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

  /** The checkpoints whose parts are awaited, in order. */
  List<Long> collecting() {
    return pending.values().stream().filter(p -> !p.awaited.isEmpty()).map(p -> p.id).toList();
  }

  /** Whether it is one of those, and is to be the job's last. */
  boolean isLast(long checkpoint) {
    return pending.containsKey(checkpoint) && pending.get(checkpoint).last;
  }

  /** Whether a manifest is being written. */
  boolean committing() {
    return committing != null;
  }

  boolean isCommitting(long checkpoint) {
    return committing != null && committing.id == checkpoint;
  }

  /** The newest that is neither durable nor given up; empty if there is none. */
  OptionalLong newest() {
    if (!pending.isEmpty()) {
      return OptionalLong.of(pending.lastKey());
    }
    return committing == null ? OptionalLong.empty() : OptionalLong.of(committing.id);
  }

  /** Whether it is neither durable nor given up. */
  boolean isUnderWay(long checkpoint) {
    return pending.containsKey(checkpoint) || isCommitting(checkpoint);
  }

  boolean idle() {
    return pending.isEmpty() && committing == null;
  }

  /** Whether one more may begin that is neither a savepoint nor the last. */
  boolean hasRoom() {
    boolean alone =
        pending.values().stream().anyMatch(Pending::alone)
            || committing != null && committing.alone();
    return !alone && pending.size() + (committing == null ? 0 : 1) < most;
  }

  /**
   * When the next one is due, from now; empty if none is wanted by time. That is an interval after
   * the last one began, though the tasks be others by now: users wait for what they do.
   *
   * @param first whether the execution has just come to run, with nothing new yet to keep
   */
  Optional<Duration> untilNext(Clock now, boolean first) {
    if (interval.isZero()) {
      return Optional.empty();
    }
    boolean fromNow = lastStartMillis == Long.MIN_VALUE;
    long due = (fromNow ? now.monotonicMillis() : lastStartMillis) + interval.toMillis();
    if (first) {
      due = Math.max(due, now.monotonicMillis() + interval.toMillis() / PART_OF_INTERVAL);
    }
    if (lastEndMillis != Long.MIN_VALUE) {
      due = Math.max(due, lastEndMillis + minPause.toMillis());
    }
    return Optional.of(Duration.ofMillis(Math.max(0, due - now.monotonicMillis())));
  }

  /**
   * The tasks have had another tracker so far, which has completed one.
   *
   * @param ageMillis of that one, as far as two clocks agree
   */
  void follow(long ageMillis, Clock now) {
    lastStartMillis = ago(ageMillis, interval, now);
    lastEndMillis = ago(ageMillis, minPause, now);
  }

  /** No longer ago than matters, and not to come. */
  private static long ago(long millis, Duration most, Clock now) {
    return now.monotonicMillis() - Math.max(0, Math.min(millis, most.toMillis()));
  }

  /** What one under way is for. */
  Purpose purpose(long checkpoint) {
    if (isCommitting(checkpoint)) {
      return committing.purpose;
    }
    return pending.containsKey(checkpoint) ? pending.get(checkpoint).purpose : Purpose.CHECKPOINT;
  }

  /** An id that no checkpoint will have. */
  long skip() {
    return ++highestId;
  }

  /**
   * Starts one.
   *
   * @param awaited whose parts it needs
   * @return its id
   */
  long begin(Clock now, Collection<AttemptId> awaited, boolean last, Purpose purpose) {
    var next = new Pending(++highestId, last, purpose, awaited);
    Check.that(
        next.alone() ? idle() : hasRoom(),
        "room for checkpoint " + next.id + ", found " + pending.keySet() + " under way");
    pending.put(next.id, next);
    lastStartMillis = now.monotonicMillis();
    return next.id;
  }

  /**
   * Takes a part, if that checkpoint awaits it from that attempt.
   *
   * @return whether it was the last one missing: see {@link #commit}
   */
  boolean acked(AttemptId attempt, long checkpoint, List<SubtaskState> state) {
    Pending one = pending.get(checkpoint);
    if (one == null || !one.awaited.remove(attempt)) {
      return false;
    }
    one.parts.put(attempt, state);
    return one.awaited.isEmpty();
  }

  /** Turns to the newest complete checkpoint, if one is and no manifest is being written. */
  Optional<Complete> commit() {
    if (committing != null) {
      return Optional.empty();
    }
    for (Pending one : pending.descendingMap().values()) {
      if (one.awaited.isEmpty()) {
        committing = one;
        pending.remove(one.id);
        var overtaken = new ArrayList<Parts>();
        pending.headMap(one.id).values().forEach(older -> overtaken.add(older.parts()));
        pending.headMap(one.id).clear();
        return Optional.of(new Complete(one.parts(), overtaken));
      }
    }
    return Optional.empty();
  }

  /** Whether a part that comes now is of a checkpoint that was given up before. */
  boolean comesTooLate(long checkpoint) {
    return checkpoint <= highestId && !pending.containsKey(checkpoint) && !isCommitting(checkpoint);
  }

  /** The manifest that was being written is durable. */
  void completed(Clock now) {
    Check.that(committing != null, "a manifest being written");
    if (givenUp <= committing.id) {
      givenUp = 0; // said by saying that a newer one is complete
    }
    committing = null;
    lastEndMillis = now.monotonicMillis();
    failuresInARow = 0;
    completed++;
  }

  /**
   * Gives up one that is under way, if it still is.
   *
   * @return what has come for it; nothing once its manifest may be on its way, because then nobody
   *     knows what became of it
   */
  Optional<Parts> giveUp(long checkpoint, Clock now) {
    Parts parts;
    if (isCommitting(checkpoint)) {
      parts = new Parts(checkpoint, committing.last, committing.purpose, List.of());
      committing = null;
    } else if (pending.containsKey(checkpoint)) {
      parts = pending.remove(checkpoint).parts();
    } else {
      return Optional.empty();
    }
    failuresInARow += parts.purpose().equals(Purpose.CHECKPOINT) ? 1 : 0;
    lastEndMillis = now.monotonicMillis();
    givenUp = Math.max(givenUp, checkpoint);
    return Optional.of(parts);
  }

  /**
   * The id up to which tasks may be told that no checkpoint will complete, if there is news: not as
   * long as an older one than was given up is still collected.
   */
  OptionalLong toAbort() {
    if (givenUp == 0 || !pending.headMap(givenUp).isEmpty()) {
      return OptionalLong.empty();
    }
    long upTo = givenUp;
    givenUp = 0;
    return OptionalLong.of(upTo);
  }

  /** The tasks are about to end: only the manifest that is being written still counts. */
  void abandon() {
    pending.clear();
    givenUp = 0;
  }

  /** The tasks are gone: forgets all, which counts as no failure of its own. */
  void reset() {
    abandon();
    committing = null;
    failuresInARow = 0;
  }

  /**
   * Others will follow the tasks that there were: as if nothing had been if those worked, else a
   * whole interval passes first, so that a job that fails on and on loads the store no more often
   * than one that works.
   */
  void restart() {
    if (completed < STEADY) {
      lastStartMillis = Long.MIN_VALUE;
    }
    completed = 0;
    reset();
  }
}
