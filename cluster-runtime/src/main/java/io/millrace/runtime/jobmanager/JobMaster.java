package io.millrace.runtime.jobmanager;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.Crash;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One job's life, from its claim to its result. Takes events, changes its state, says what is to be
 * done; nothing happens in here.
 */
final class JobMaster {
  private final Duration watchInterval;
  private final JobBook book;
  private final Succession succession;
  private final Adoption adoption;
  private final Beginning beginning;
  private final Checkpointing checkpoints;
  private final Healing healing;
  private final Ending ending;
  private final Moving moving;

  JobMaster(
      JobSpec spec,
      JobPlan plan,
      String directory,
      JobManager.Setup setup,
      RandomGenerator random) {
    this.book = new JobBook(spec, plan, directory, setup, random);
    this.watchInterval = setup.lease().interval();
    this.ending = new Ending(book);
    this.checkpoints = new Checkpointing(book, ending);
    this.beginning = new Beginning(book, ending);
    this.adoption = new Adoption(book, checkpoints, ending, this::claimAgain);
    this.succession = new Succession(book, adoption, beginning, ending);
    this.healing = new Healing(book, checkpoints, ending);
    this.moving = new Moving(book, checkpoints, ending);
  }

  private void claimAgain(Clock now) {
    succession.claim(now);
  }

  JobSpec spec() {
    return book.spec;
  }

  /** Why there will never be slots for it, as far as that is known. */
  Optional<String> refusal(ResourceManager resources) {
    return SlotMeasures.refusal(book.plan, resources);
  }

  SlotDemand slotDemand() {
    return book.plan.demand();
  }

  boolean hasEnded() {
    return book.state instanceof JobState.Ended;
  }

  /** Whether it takes in more input now, or will. */
  boolean goesOn() {
    return !(book.state instanceof JobState.Closing);
  }

  /** Whether tasks that an earlier JobManager deployed may yet turn out to be running on. */
  boolean mayAdopt() {
    return !hasEnded() && !adoption.decided();
  }

  /** Whether it waits for word of tasks that may still write. */
  boolean awaitsWriters() {
    return book.state instanceof JobState.AwaitingWriters;
  }

  ClientAnswer.JobSummary summary() {
    return book.history.summary();
  }

  /** What people should know of a job that has ended as it was told to. */
  Optional<String> lastWord() {
    return book.state instanceof JobState.Ended ended
        ? ended.result().savepoint().map(path -> "stopped with savepoint " + path)
        : Optional.empty();
  }

  /**
   * Where that savepoint of the job lies.
   *
   * @throws IOException if there is no such place; says what to do
   */
  String savepointDirectory(CheckpointStore store, ClientRequest.Savepoint request)
      throws IOException {
    if (!request.id().matches("[0-9a-f]{32}")) {
      throw new IOException("the id of a savepoint is 32 hex digits, found " + request.id());
    }
    Optional<String> folder =
        request.folder().or(() -> book.plan.settings().find(JobSettings.SAVEPOINT_DIR));
    if (folder.isEmpty()) {
      throw new IOException(
          "where to? Name a target directory, or set " + JobSettings.SAVEPOINT_DIR.key());
    }
    return store.folder(folder.get())
        + "/savepoint-"
        + book.spec.job().hex().substring(0, 6)
        + "-"
        + request.id().substring(0, 12);
  }

  ClientAnswer.JobDetails details(long number, int sinceChange) {
    Optional<Failure> failure =
        book.state instanceof JobState.Ended ended ? ended.result().failure() : Optional.empty();
    return new ClientAnswer.JobDetails(
        number,
        book.history.summary(),
        book.history.since(sinceChange),
        book.history.count(),
        book.policy.restarts(),
        book.retained.newestPath(book.directory),
        failure,
        // They may be large, and clients that wait ask often.
        book.state instanceof JobState.Ended ? accumulators() : List.of());
  }

  /**
   * As the newest completed checkpoint has them, in agreement with what sinks have shown. After the
   * final one they cover every record, each once.
   */
  List<AccumulatorState> accumulators() {
    return book.state instanceof JobState.Ended ended
        ? ended.result().accumulators()
        : book.retained.newest().map(Manifest::accumulators).orElse(List.of());
  }

  /** Takes an event that happened now. */
  List<Effect> on(JobEvent event, Clock now) {
    book.effects = new ArrayList<>();
    if (event instanceof JobEvent.Start) {
      book.effects.add(new Effect.After(watchInterval, new JobEvent.WatchDue()));
      succession.claim(now);
    } else if (event instanceof JobEvent.Reached reached) {
      book.reached(reached.what(), now);
    } else if (event instanceof JobEvent.CancelAsked asked) {
      ending.cancelAsked(asked, now);
    } else if (event instanceof JobEvent.CancelUnanswered) {
      ending.cancelUnanswered();
    } else if (event instanceof JobEvent.SavepointAsked asked) {
      checkpoints.savepointAsked(asked, now);
    } else if (event instanceof JobEvent.SavepointOpened opened) {
      checkpoints.savepointOpened(opened, now);
    } else if (event instanceof JobEvent.SavepointKept kept) {
      if (book.state instanceof JobState.Keeping) {
        ending.kept(kept, now);
      } else {
        checkpoints.savepointKept(kept, now);
      }
    } else if (event instanceof JobEvent.ClaimEnded ended) {
      succession.claimEnded(ended, now);
    } else if (event instanceof JobEvent.CheckpointsFound found) {
      beginning.checkpointsFound(found, now);
    } else if (event instanceof JobEvent.GivenUp givenUp) {
      beginning.givenUp(givenUp, now);
    } else if (event instanceof JobEvent.SinksAcquired acquired) {
      beginning.sinksAcquired(acquired, now);
    } else if (event instanceof JobEvent.SinksRefused refused) {
      beginning.sinksRefused(refused, now);
    } else if (event instanceof JobEvent.SinksSuperseded superseded) {
      claimedBy(superseded.by());
    } else if (event instanceof JobEvent.SlotsGranted granted) {
      beginning.slotsGranted(granted.slots(), now);
    } else if (event instanceof JobEvent.SlotsImpossible impossible) {
      beginning.slotsImpossible(impossible, now);
    } else if (event instanceof JobEvent.SlotsOverdue overdue) {
      beginning.slotsOverdue(overdue, now);
    } else if (event instanceof JobEvent.DeploymentWritten written) {
      beginning.deploymentWritten(written, now);
    } else if (event instanceof JobEvent.Reported reported) {
      reported(reported.report(), now);
    } else if (event instanceof JobEvent.WatermarkReached reached) {
      watermarkReached(reached.message());
    } else if (event instanceof JobEvent.AttemptsSeen seen) {
      attemptsSeen(seen, now);
    } else if (event instanceof JobEvent.TaskManagerLost lost) {
      taskManagerLost(lost, now);
    } else if (event instanceof JobEvent.Leaving leaving) {
      moving.leaving(leaving, now);
    } else if (event instanceof JobEvent.WriterOverdue overdue) {
      book.writers.ifPresent(
          writers -> writers.overdue(overdue.taskManager(), overdue.sinceMillis()));
    } else if (event instanceof JobEvent.Kept kept) {
      adoption.kept(kept.taskManagers(), now);
    } else if (event instanceof JobEvent.AdoptionOverdue overdue) {
      adoption.overdue(overdue, now);
    } else if (event instanceof JobEvent.CheckpointDue due) {
      checkpoints.checkpointDue(due.serial(), now);
    } else if (event instanceof JobEvent.CheckpointOverdue overdue) {
      checkpoints.checkpointOverdue(overdue.checkpoint(), now);
    } else if (event instanceof JobEvent.DrainOverdue overdue) {
      checkpoints.drainOverdue(overdue.id(), now);
    } else if (event instanceof JobEvent.ManifestWritten written) {
      checkpoints.manifestWritten(written, now);
      moving.checkpointCompleted(now);
    } else if (event instanceof JobEvent.Dropped dropped) {
      if (JobBook.isDone(dropped.step(), false) && dropped.epoch().equals(book.wanted)) {
        book.closed("epoch " + book.epoch + " is sealed");
      }
    } else if (event instanceof JobEvent.CleanedUp) {
      return book.effects; // what it left, the next clean-up finds
    } else if (event instanceof JobEvent.RestartsWritten) {
      return book.effects; // or not: nothing hangs on it
    } else if (event instanceof JobEvent.ClaimedDropped dropped) {
      ending.claimedDropped(dropped, now);
    } else if (event instanceof JobEvent.RestartDue due) {
      boolean waiting =
          book.state instanceof JobState.Restarting || book.state instanceof JobState.Stopping;
      if (waiting && due.serial() == book.serial) {
        succession.claim(now);
      }
    } else if (event instanceof JobEvent.IntentWritten written) {
      ending.intentWritten(written, now);
    } else if (event instanceof JobEvent.StopOverdue overdue) {
      ending.stopOverdue(overdue.serial(), now);
    } else if (event instanceof JobEvent.Settled settled) {
      ending.settled(settled.failure(), now);
    } else if (event instanceof JobEvent.ResultWritten written) {
      ending.resultWritten(written, now);
    } else if (event instanceof JobEvent.Discarded discarded) {
      ending.discarded(discarded, now);
    } else if (event instanceof JobEvent.RetryDue due) {
      ending.retry(due.serial());
    } else if (event instanceof JobEvent.WatchDue) {
      watch();
    } else if (event instanceof JobEvent.WatchEnded ended) {
      watchEnded(ended, now);
    } else if (event instanceof JobEvent.FenceSeen seen) {
      fenceSeen(seen, now);
    } else {
      Check.that(false, "a known event, found " + event);
    }
    beginning.writersHeardOf(now);
    return book.effects;
  }

  /**
   * What successors must know of the end of this process over a broken invariant: nothing, unless
   * this job was being recovered, which may be what broke it.
   */
  Optional<WriteFact> lastWords(Failure cause, Clock now) {
    if (!book.recovering) {
      return Optional.empty();
    }
    var crash = new Crash(book.attempt, book.retained.newestId(), cause, now.wallMillis());
    return Optional.of(WriteFact.crash(book.epoch, crash, book.unique++));
  }

  // ---- what tasks tell

  private void attemptsSeen(JobEvent.AttemptsSeen seen, Clock now) {
    if (book.state instanceof JobState.AwaitingWriters) {
      book.writers.ifPresent(writers -> writers.shown(seen.taskManager(), seen.attempts()));
    }
    if (book.state instanceof JobState.Adopting adopting) {
      seen.attempts().forEach(status -> book.tracker.raise(status.checkpointSeen()));
      adoption.attemptsSeen(adopting, seen, now);
    } else if (!book.recorded && book.commands() && !seen.attempts().isEmpty()) {
      seen.attempts().forEach(each -> book.deployed(each.attempt().generation()));
      succession.claimErased(now);
    } else {
      healing.attemptsSeen(seen, now);
    }
  }

  private void reported(Report report, Clock now) {
    if (report instanceof Report.CheckpointAcked acked) {
      checkpoints.acked(acked, now);
      return;
    }
    Optional<Execution> found = book.execution();
    if (found.isEmpty() || !found.get().has(report.attempt())) {
      return; // of an older generation
    }
    Execution execution = found.get();
    if (report instanceof Report.Running) {
      execution.running(report.attempt());
      allRunning(execution, now);
    } else if (report instanceof Report.CheckpointDeclined declined) {
      checkpoints.checkpointRefused(declined.checkpoint(), declined.reason(), now);
    } else if (report instanceof Report.EndOfData) {
      execution.endOfData(report.attempt());
      allRunning(execution, now);
      checkpoints.finalCheckpoint(now);
    } else if (report instanceof Report.Committed) {
      return; // the attempt's end is what counts
    } else if (report instanceof Report.Ended) {
      attemptEnded(execution, report, Optional.empty(), now);
    } else if (report instanceof Report.Failed failed) {
      attemptEnded(execution, report, Optional.of(failed.failure()), now);
    } else if (report instanceof Report.RestoreFailed failed) {
      restoreFailed(execution, failed, now);
    } else {
      Check.that(false, "a known report, found " + report);
    }
  }

  private void watermarkReached(ToJobManager.WatermarkReached message) {
    book.execution()
        .filter(execution -> execution.has(message.attempt()))
        .ifPresent(
            execution -> {
              long lowest = execution.alignment().reached(message.attempt(), message.watermark());
              book.send(
                  message.taskManager(),
                  new ToTaskManager.GroupReached(book.epoch, message.attempt(), lowest));
            });
  }

  private void allRunning(Execution execution, Clock now) {
    if (book.state instanceof JobState.Deploying && execution.allRunning()) {
      book.ran = true;
      book.enter(new JobState.Running(execution), now);
      checkpoints.scheduleCheckpoint(now, true);
      checkpoints.nextSavepoint(now);
      checkpoints.finalCheckpoint(now);
    }
  }

  private void attemptEnded(
      Execution execution, Report report, Optional<Failure> failure, Clock now) {
    execution.ended(report.attempt());
    if (book.state instanceof JobState.Finishing finishing) {
      if (failure.isPresent()) {
        // Everything is promised already; what tasks have not committed, settling does.
        ending.stop(book.lastFate(), finishing.execution(), now);
      } else if (execution.allEnded()) {
        ending.settle(book.lastFate(), now);
      }
    } else if (book.state instanceof JobState.Deploying || book.state instanceof JobState.Running) {
      ending.failed(
          failure.orElseGet(
              () ->
                  Failure.of(
                      Failure.Kind.RESOURCE,
                      "task " + report.attempt() + " ended without being told to")),
          now);
    } else {
      ending.stoppedIfDone(now);
    }
  }

  private void restoreFailed(Execution execution, Report.RestoreFailed report, Clock now) {
    execution.ended(report.attempt());
    boolean starting =
        book.state instanceof JobState.Deploying || book.state instanceof JobState.Running;
    if (starting && execution.origin().isPresent()) {
      book.retained.refuse(execution.origin().get(), report.failure().headline());
      book.history.note(now.wallMillis(), book.history.status(), report.failure().headline());
      ending.restart(Duration.ZERO, report.failure(), now);
    } else {
      ending.stoppedIfDone(now);
    }
  }

  private void taskManagerLost(JobEvent.TaskManagerLost event, Clock now) {
    book.writers.ifPresent(writers -> writerLost(writers, event, now));
    if (book.state instanceof JobState.Adopting adopting
        && adopting.tasks().concerns(event.taskManager())) {
      adoption.refuse("TaskManager " + event.taskManager() + " was lost", now);
      return;
    }
    Optional<Execution> found = book.execution().filter(e -> e.uses(event.taskManager()));
    boolean live = found.filter(e -> e.taskManagers().contains(event.taskManager())).isPresent();
    if (!live && book.visited.contains(event.taskManager()) && !book.history.status().terminal()) {
      // It was given up before; this may say what had really happened to it.
      book.history.note(
          now.wallMillis(),
          book.history.status(),
          "TaskManager " + event.taskManager() + ": " + event.explanation());
    }
    if (found.isEmpty()) {
      return;
    }
    Execution execution = found.get();
    execution.lost(event.taskManager());
    if (book.state instanceof JobState.Finishing) {
      if (execution.allEnded()) {
        ending.settle(book.lastFate(), now);
      } else if (live) {
        ending.stop(book.lastFate(), execution, now);
      }
    } else if (book.state instanceof JobState.RecordingDeployment
        || book.state instanceof JobState.Deploying
        || book.state instanceof JobState.Running) {
      Failure lost =
          Failure.of(
              Failure.Kind.RESOURCE,
              "TaskManager " + event.taskManager() + " was lost: " + event.explanation());
      if (event.foretold()) {
        ending.restart(Duration.ZERO, lost, now);
      } else {
        ending.failed(lost, now);
      }
    } else {
      ending.stoppedIfDone(now);
    }
  }

  private void writerLost(Writers writers, JobEvent.TaskManagerLost event, Clock now) {
    TaskManagerId id = event.taskManager();
    if (event.exited()) {
      writers.exited(id);
    } else if (writers.lost(id, now.monotonicMillis())) {
      book.effects.add(
          new Effect.After(book.silence, new JobEvent.WriterOverdue(id, now.monotonicMillis())));
    }
  }

  // ---- the fence

  private void watch() {
    if (book.state instanceof JobState.Ended) {
      return;
    }
    book.effects.add(new Effect.After(watchInterval, new JobEvent.WatchDue()));
    if (book.epoch.compareTo(Epoch.NONE) > 0) {
      Epoch under = book.epoch;
      book.perform(new FindHigherClaim(book.epoch), step -> new JobEvent.WatchEnded(under, step));
    }
  }

  private void watchEnded(JobEvent.WatchEnded event, Clock now) {
    if (event.step() instanceof Step.Done<FindHigherClaim.Standing> done) {
      done.result()
          .higher()
          .filter(higher -> higher.compareTo(book.wanted) > 0)
          .ifPresent(this::claimedBy);
      if (done.result() instanceof FindHigherClaim.Erased) {
        erased(event.epoch(), now);
      }
    }
  }

  /** Only a claimer closes an epoch, and its claim comes first. */
  private void fenceSeen(JobEvent.FenceSeen event, Clock now) {
    if (!event.epoch().equals(book.epoch)) {
      return;
    }
    Optional<Epoch> higher =
        event.step() instanceof Step.Done<FindHigherClaim.Standing> done
            ? done.result().higher()
            : Optional.empty();
    if (event.step() instanceof Step.Done<?> && higher.isEmpty()) {
      erased(event.epoch(), now);
    } else if (higher.isEmpty() || higher.get().compareTo(book.wanted) > 0) {
      book.fenced(event.reason());
    }
  }

  private void erased(Epoch under, Clock now) {
    if (under.equals(book.epoch)
        && book.commands()
        && !(book.state instanceof JobState.Restarting || book.state instanceof JobState.Ended)) {
      succession.claimErased(now);
    }
  }

  private void claimedBy(Epoch higher) {
    book.fenced("the job is claimed by epoch " + higher);
  }
}
