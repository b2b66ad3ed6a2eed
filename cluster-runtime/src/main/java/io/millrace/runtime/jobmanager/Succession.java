package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.Crash;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.Intent;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.jobmanager.JobState.Fate;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How a JobManager comes to command the job, and what it finds then: an end that was decided, tasks
 * that may run on, or checkpoints to start anew from. The claim comes before all else: whatever is
 * read before it may be outdated by a write that was under way.
 */
final class Succession {
  private final JobBook book;
  private final Adoption adoption;
  private final Beginning beginning;
  private final Ending ending;

  Succession(JobBook book, Adoption adoption, Beginning beginning, Ending ending) {
    this.book = book;
    this.adoption = adoption;
    this.beginning = beginning;
    this.ending = ending;
  }

  void claim(Clock now) {
    book.wanted = new Epoch(book.attempt, book.wanted.counter() + 1);
    Epoch claimed = book.wanted;
    book.enter(new JobState.Claiming(book.startStatus(JobStatus.INITIALIZING)), now);
    book.perform(
        Claim.ofJob(
            claimed,
            book.owner + "-" + claimed.counter(),
            now.wallMillis(),
            book.control.map(at -> new ControlAddress(claimed, at.host(), at.port()))),
        step -> new JobEvent.ClaimEnded(claimed, step));
  }

  void claimEnded(JobEvent.ClaimEnded event, Clock now) {
    if (!(book.state instanceof JobState.Claiming) || !event.epoch().equals(book.wanted)) {
      return;
    }
    if (event.step() instanceof Step.Done<Claim.Result<ClaimedJob>> done) {
      if (done.result() instanceof Claim.Superseded<ClaimedJob> superseded) {
        book.fenced("the job is claimed by " + superseded.by());
      } else if (done.result() instanceof Claim.Claimed<ClaimedJob> claimed) {
        book.epoch = event.epoch();
        book.trouble = Optional.empty();
        book.reached("the JobManager has claimed the job", now);
        takeOver(claimed.inherited(), now);
      }
    } else if (event.step() instanceof Step.Failed<Claim.Result<ClaimedJob>> failed) {
      book.trouble = Optional.of(failed.reason());
      ending.failedWithoutEpoch("cannot claim " + book.directory + ": " + failed.reason(), now);
    }
  }

  /**
   * What was on record of the job is gone, and nobody has claimed it: claims again, so that its end
   * can be put on record.
   */
  void claimErased(Clock now) {
    ending.restart(Duration.ZERO, erased(), now);
  }

  private Failure erased() {
    return Failure.unhealable(
        Failure.Kind.EXTERNAL,
        "records and checkpoints of the job in "
            + book.directory
            + " have been deleted by somebody, so it cannot be recovered; it does not begin from"
            + " nothing by itself: start it anew, or from a savepoint with run -s");
  }

  private void takeOver(ClaimedJob claimed, Clock now) {
    book.recovering = true;
    boolean erased = isErased(claimed);
    if (!erased) {
      book.retained.replace(claimed);
    } // else what the checkpoints promised is made visible as far as it is remembered
    book.checkpointed |= claimed.checkpointed();
    book.recorded |= !claimed.isBlank();
    book.savepoints.claimed(
        book.retained.newest().flatMap(Manifest::stopped).map(Stopped::savepoint));
    book.tracker.reset();
    book.tracker.raise(claimed.highestCheckpoint());
    book.policy.inherit(claimed.restarts().count(), claimed.restarts().failuresWallMillis(), now);
    claimed
        .deployment()
        .ifPresent(
            record -> {
              book.deployed(record.generation());
              book.placed(record.tasks());
              inheritWriters(record, now);
              book.history.startedAt(record.startWallMillis());
              book.inherit(record.lineage());
            });
    if (goesOn(claimed) && adoption.isPossible(claimed)) {
      adoption.begin(claimed, now);
      return;
    }
    adoption.isOutOfQuestion();
    if (claimed.result().isPresent()) {
      ending.concluded(claimed.result().get(), now);
    } else if (claimed.intent().isPresent()) {
      Intent intent = claimed.intent().get();
      book.answerCancels();
      finish(new Fate(intent.outcome(), intent.failure()), claimed, now);
    } else if (claimed.isComplete()) {
      book.inherit(claimed.newest().get().manifest().lineage());
      finish(book.lastFate(), claimed, now);
    } else if (claimed.quarantine().isPresent()) {
      quarantine(claimed.quarantine().get(), claimed, now);
    } else if (erased) {
      ending.decide(
          new Intent(JobStatus.FAILED, Optional.of(erased()), now.wallMillis()),
          left(claimed),
          now);
    } else {
      beginning.startAnew(now);
    }
  }

  /**
   * Whoever does not come hears nothing either, and ends itself in time: that begins anew when it
   * finds out, before it would have ended, that there is another JobManager.
   */
  private void inheritWriters(DeploymentRecord record, Clock now) {
    if (adoption.decided() || !book.isOfPredecessor(record.epoch())) {
      return; // they are known already
    }
    book.writers.ifPresent(
        writers -> {
          long since = now.monotonicMillis();
          var there = new TreeSet<TaskManagerId>();
          record.tasks().forEach(task -> there.add(task.location().id()));
          for (TaskManagerId id : there) {
            writers.inherited(id, since);
            book.effects.add(
                new Effect.After(
                    book.silence.multipliedBy(2), new JobEvent.WriterOverdue(id, since)));
          }
        });
  }

  /** Whether there must have been more of the job than there is. */
  private boolean isErased(ClaimedJob claimed) {
    boolean hadCheckpoints =
        claimed.checkpointed() || book.checkpointed || !book.retained.isEmpty();
    return hadCheckpoints && claimed.hasNoCheckpoint() || book.recorded && claimed.isBlank();
  }

  private static boolean goesOn(ClaimedJob claimed) {
    return claimed.result().isEmpty()
        && claimed.intent().isEmpty()
        && !claimed.isComplete()
        && claimed.quarantine().isEmpty();
  }

  /** Tasks that an earlier JobManager has deployed end before sinks settle. */
  private void finish(Fate fate, ClaimedJob claimed, Clock now) {
    Optional<Execution> left = left(claimed);
    if (left.isPresent()) {
      ending.stop(fate, left.get(), now);
    } else {
      ending.settle(fate, now);
    }
  }

  /** To recover it once more would only crash this JobManager too. */
  private void quarantine(Crash last, ClaimedJob claimed, Clock now) {
    Failure cause = last.cause();
    var failure =
        new Failure(
            cause.kind(),
            false,
            "",
            -1,
            cause.rootType(),
            "the job is not recovered again, because that has crashed the JobManager twice: "
                + cause.message()
                + "; this is a bug of Millrace, the logs of those JobManagers have more",
            cause.trace());
    ending.decide(
        new Intent(JobStatus.FAILED, Optional.of(failure), now.wallMillis()), left(claimed), now);
  }

  /** What an earlier JobManager has deployed and what may run still. */
  private Optional<Execution> left(ClaimedJob claimed) {
    Optional<Execution> left =
        claimed
            .deployment()
            .filter(record -> book.isOfPredecessor(record.epoch()))
            .flatMap(record -> Execution.inherited(book.spec, book.plan, record));
    left.ifPresent(execution -> book.kept.ifPresent(execution::onlyOn));
    return left;
  }
}
