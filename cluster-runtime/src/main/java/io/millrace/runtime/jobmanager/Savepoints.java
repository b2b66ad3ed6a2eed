package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Savepoints that users asked for, one at a time, and what became of them. Nothing of it is
 * durable: users ask until they are told, and each asks under an id of its own, which names the
 * directory; so a successor takes the savepoint anew, or finds it whole.
 */
final class Savepoints {
  private static final int OUTCOMES_KEPT = 100;

  private final LinkedHashMap<String, Wish> waiting = new LinkedHashMap<>();
  private final LinkedHashMap<String, ClientAnswer.Savepoint> outcomes =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ClientAnswer.Savepoint> eldest) {
          return size() > OUTCOMES_KEPT;
        }
      };
  private Wish wish;
  private Stage stage = Stage.NONE;

  /** The checkpoint that is the savepoint, or the id of the drain before it. */
  private long checkpoint;

  private Manifest taken;

  /**
   * What a user wants.
   *
   * @param id the user's
   */
  record Wish(String id, String directory, Then then) {
    /** What the job's last manifest is to say; empty if the job goes on. */
    Optional<Stopped> stopped() {
      return switch (then) {
        case GO_ON -> Optional.empty();
        case STOP -> Optional.of(new Stopped(directory, JobStatus.FINISHED, false));
        case DRAIN -> Optional.of(new Stopped(directory, JobStatus.FINISHED, true));
        case CANCEL -> Optional.of(new Stopped(directory, JobStatus.CANCELED, false));
      };
    }
  }

  /** How far the one under way has come. */
  enum Stage {
    NONE,
    /** Waits for its directory. */
    OPENING,
    /** Its directory is there; waits until no other checkpoint is under way. */
    READY,
    /** Waits until all sources have ended and all timers have fired. */
    DRAINING,
    /** Waits until all tasks have written their parts, and, for a stop, for the last manifest. */
    TAKING,
    /** Waits for a checkpoint that promises the output which the savepoint holds. */
    PROMISING,
    /** Waits until its own manifest is durable. */
    KEEPING
  }

  /** Takes a wish that is not known yet. */
  void ask(Wish asked) {
    boolean known =
        outcomes.containsKey(asked.id())
            || waiting.containsKey(asked.id())
            || wish != null && wish.id().equals(asked.id());
    if (!known) {
      waiting.put(asked.id(), asked);
    }
  }

  ClientAnswer.Savepoint answer(String id, long number) {
    ClientAnswer.Savepoint outcome = outcomes.get(id);
    return outcome == null
        ? new ClientAnswer.Savepoint(number, Optional.empty(), Optional.empty())
        : new ClientAnswer.Savepoint(number, outcome.path(), outcome.failure());
  }

  /** Begins with the next one, if none is under way. */
  Optional<Wish> begin() {
    if (stage != Stage.NONE || waiting.isEmpty()) {
      return Optional.empty();
    }
    wish = waiting.remove(waiting.keySet().iterator().next());
    stage = Stage.OPENING;
    return Optional.of(wish);
  }

  Stage stage() {
    return stage;
  }

  /** The one under way. */
  Optional<Wish> wish() {
    return Optional.ofNullable(wish);
  }

  boolean isUnderWay(String directory) {
    return wish != null && wish.directory().equals(directory);
  }

  void ready() {
    stage = Stage.READY;
  }

  void draining(long id) {
    stage = Stage.DRAINING;
    checkpoint = id;
  }

  /** The id under which sources were told to end, if they have not all done so. */
  OptionalLong drain() {
    return stage == Stage.DRAINING ? OptionalLong.of(checkpoint) : OptionalLong.empty();
  }

  void taking(long id) {
    stage = Stage.TAKING;
    checkpoint = id;
  }

  /** All parts are written. */
  void taken(Manifest manifest) {
    taken = manifest;
    stage = Stage.PROMISING;
  }

  /** Whether that checkpoint promises what the savepoint holds. */
  boolean promisedBy(long completed) {
    return stage == Stage.PROMISING && completed > checkpoint;
  }

  Manifest keep() {
    stage = Stage.KEEPING;
    return taken;
  }

  void done() {
    end(Optional.of(wish.directory()), Optional.empty());
  }

  void failed(String reason) {
    if (wish != null) {
      end(Optional.empty(), Optional.of(reason));
    }
  }

  /**
   * Tasks are gone; what is written and promised already is not lost with them.
   *
   * @param lastOnItsWay whether the job's last manifest may become durable nevertheless
   */
  void interrupted(String reason, boolean lastOnItsWay) {
    boolean undecided = lastOnItsWay && stage == Stage.TAKING && wish.stopped().isPresent();
    if (stage != Stage.KEEPING && !undecided) {
      failed(reason);
    }
  }

  /** A claim has shown which manifests there are, and so whether the job was stopped. */
  void claimed(Optional<String> savepoint) {
    if (stage == Stage.TAKING && !savepoint.equals(Optional.of(wish.directory()))) {
      failed("the job was restarted before its last checkpoint was durable");
    }
  }

  /**
   * The job has ended: nothing more will be taken of it.
   *
   * @param savepoint that it was stopped with, maybe for a client of an earlier JobManager
   */
  void over(String reason, Optional<String> savepoint) {
    for (Wish each : waiting.values()) {
      boolean found = savepoint.equals(Optional.of(each.directory()));
      outcomes.put(
          each.id(),
          new ClientAnswer.Savepoint(
              0,
              found ? savepoint : Optional.empty(),
              found ? Optional.empty() : Optional.of(reason)));
    }
    waiting.clear();
    interrupted(reason, false);
  }

  private void end(Optional<String> path, Optional<String> failure) {
    outcomes.put(wish.id(), new ClientAnswer.Savepoint(0, path, failure));
    wish = null;
    taken = null;
    stage = Stage.NONE;
  }
}
