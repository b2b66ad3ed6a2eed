package io.millrace.runtime.jobmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.CompleteFirst;
import io.millrace.runtime.checkpoint.DropParts;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.OpenSavepoint;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** When checkpoints start, what makes them complete, what follows from it. */
final class Checkpointing {
  private static final int FINAL_CHECKPOINT_OVERDUE = 3;

  private final JobBook book;
  private final Ending ending;
  private int lastOverdueInARow;

  Checkpointing(JobBook book, Ending ending) {
    this.book = book;
    this.ending = ending;
  }

  void scheduleCheckpoint(Clock now, boolean first) {
    if (!book.tracker.hasRoom()) {
      return; // the end of one that is under way makes room
    }
    book.tracker
        .untilNext(now, first)
        .ifPresent(
            delay ->
                book.effects.add(
                    new Effect.After(delay, new JobEvent.CheckpointDue(++book.serial))));
  }

  void checkpointDue(long due, Clock now) {
    if (due == book.serial
        && book.state instanceof JobState.Running running
        && book.savepoints.stage() != Savepoints.Stage.DRAINING) {
      if (running.execution().allAtEndOfData()) {
        finalCheckpoint(now);
        nextSavepoint(now); // nobody else may come to ask for the one that it waits for
      } else if (book.tracker.hasRoom() && book.savepoints.stage() != Savepoints.Stage.READY) {
        trigger(running.execution(), false, Purpose.CHECKPOINT, now);
        scheduleCheckpoint(now, false);
      }
    }
  }

  /**
   * The tasks have had another JobManager so far: they hear again what is complete, and that
   * nothing else will be of what they have begun.
   */
  void adopted(Execution execution, Clock now) {
    for (TaskManagerId taskManager : execution.taskManagers()) {
      if (book.completedHere > 0) {
        book.send(taskManager, completedMessage(execution, false));
      }
      if (book.tracker.highestId() > book.completedHere) {
        book.send(taskManager, abortedMessage(execution, book.tracker.highestId()));
      }
    }
    book.retained
        .newest()
        .ifPresent(newest -> book.tracker.follow(now.wallMillis() - newest.wallMillis(), now));
    scheduleCheckpoint(now, true);
    nextSavepoint(now);
    finalCheckpoint(now);
  }

  /** The input has ended everywhere: one more checkpoint, which promises all the rest. */
  void finalCheckpoint(Clock now) {
    if (book.state instanceof JobState.Running running
        && running.execution().allAtEndOfData()
        && book.tracker.idle()) {
      Savepoints.Stage stage = book.savepoints.stage();
      boolean promises = stage == Savepoints.Stage.PROMISING;
      Optional<Savepoints.Wish> stop = book.savepoints.wish().filter(w -> w.stopped().isPresent());
      if (stop.isPresent() && stage != Savepoints.Stage.OPENING) {
        book.savepoints.taking(
            trigger(running.execution(), true, Purpose.savepoint(stop.get().directory()), now));
      } else if (stop.isEmpty() && (stage == Savepoints.Stage.NONE || promises)) {
        trigger(running.execution(), true, Purpose.CHECKPOINT, now);
      }
      // Else the savepoint comes first.
    }
  }

  /**
   * Takes one out of turn; where no more may be under way, the newest of those has to do.
   *
   * @return its id; empty while a savepoint is under way, and at the end of all input
   */
  OptionalLong takeNow(Execution execution, Clock now) {
    if (book.savepoints.stage() != Savepoints.Stage.NONE || execution.allAtEndOfData()) {
      return OptionalLong.empty();
    }
    return book.tracker.hasRoom()
        ? OptionalLong.of(trigger(execution, false, Purpose.CHECKPOINT, now))
        : book.tracker.newest();
  }

  private long trigger(Execution execution, boolean last, Purpose purpose, Clock now) {
    long id = book.tracker.begin(now, execution.attempts(), last, purpose);
    for (TaskManagerId taskManager : execution.triggered()) {
      book.send(taskManager, triggerMessage(execution, id, purpose));
    }
    book.effects.add(new Effect.After(book.tracker.timeout(), new JobEvent.CheckpointOverdue(id)));
    return id;
  }

  ToTaskManager triggerMessage(Execution execution, long id, Purpose purpose) {
    return new ToTaskManager.TriggerCheckpoint(
        book.spec.job(), book.epoch, execution.region(), execution.generation(), id, purpose);
  }

  // ---- savepoints

  void savepointAsked(JobEvent.SavepointAsked asked, Clock now) {
    book.savepoints.ask(new Savepoints.Wish(asked.id(), asked.directory(), asked.then()));
    if (book.state instanceof JobState.Ended ended) {
      JobResult result = ended.result();
      book.savepoints.over("the job has ended: " + result.status(), result.savepoint());
    }
    nextSavepoint(now);
    book.effects.add(
        new Effect.Answer(asked.client(), book.savepoints.answer(asked.id(), asked.number())));
  }

  /** Goes on with savepoints wherever the job and its checkpoints allow it. */
  void nextSavepoint(Clock now) {
    if (!(book.state instanceof JobState.Running running)) {
      return;
    }
    Optional<Savepoints.Wish> next = book.savepoints.begin();
    if (next.isPresent()) {
      String directory = next.get().directory();
      book.perform(
          directory,
          new OpenSavepoint(book.epoch),
          step -> new JobEvent.SavepointOpened(directory, step));
    } else if (book.savepoints.stage() == Savepoints.Stage.READY && book.tracker.idle()) {
      take(running.execution(), book.savepoints.wish().orElseThrow(), now);
    }
  }

  void savepointOpened(JobEvent.SavepointOpened event, Clock now) {
    if (!book.savepoints.isUnderWay(event.directory())
        || book.savepoints.stage() != Savepoints.Stage.OPENING) {
      return;
    }
    if (event.step() instanceof Step.Failed<Boolean> failed) {
      book.savepoints.failed("cannot write to " + event.directory() + ": " + failed.reason());
      finalCheckpoint(now);
    } else if (JobBook.isDone(event.step(), true)) {
      savepointFound(now);
    } else {
      book.savepoints.ready();
    }
    nextSavepoint(now);
  }

  /** Taken before the caller heard of it; one that was to end the job would have ended it. */
  private void savepointFound(Clock now) {
    if (book.savepoints.wish().orElseThrow().stopped().isEmpty()) {
      book.savepoints.done();
    } else {
      book.savepoints.failed("there is a savepoint of that id already, and the job runs on");
    }
    finalCheckpoint(now);
  }

  private void take(Execution execution, Savepoints.Wish wish, Clock now) {
    if (execution.allAtEndOfData() && wish.stopped().isPresent()) {
      finalCheckpoint(now);
      return;
    }
    switch (wish.then()) {
      case GO_ON ->
          book.savepoints.taking(
              trigger(execution, false, Purpose.savepoint(wish.directory()), now));
      case STOP, CANCEL ->
          book.savepoints.taking(trigger(execution, true, Purpose.stop(wish.directory()), now));
      case DRAIN -> {
        long id = book.tracker.skip();
        book.savepoints.draining(id);
        for (TaskManagerId taskManager : execution.triggered()) {
          book.send(taskManager, triggerMessage(execution, id, Purpose.DRAIN));
        }
        book.effects.add(new Effect.After(book.tracker.timeout(), new JobEvent.DrainOverdue(id)));
      }
    }
  }

  /**
   * A source may not listen. Timers may take their time, as those of large state do; but while
   * sources read on nothing comes nearer, and no checkpoint is taken.
   */
  void drainOverdue(long id, Clock now) {
    OptionalLong drain = book.savepoints.drain();
    if (drain.isEmpty()
        || drain.getAsLong() != id
        || !(book.state instanceof JobState.Running running)
        || running.execution().reading().isEmpty()) {
      return;
    }
    String reason =
        String.join(", ", running.execution().reading())
            + " has not ended within "
            + book.tracker.timeout().toMillis()
            + " ms after it was told to; the run() of a source function must return once its"
            + " cancel() was called. "
            + JobSettings.CHECKPOINT_TIMEOUT.key()
            + " says how long is waited";
    book.savepoints.failed("the job could not be drained: " + reason);
    // Other sources have ended already: they start again from the last checkpoint.
    ending.failed(
        Failure.of(Failure.Kind.RESOURCE, "the job could not be drained: " + reason), now);
  }

  /**
   * All parts are there. What sinks wrote for it is promised by the next checkpoint only: until
   * then the savepoint is not whole, because a failure in between would delete that output, and no
   * successor would know that its id is taken.
   */
  private void savepointTaken(Manifest manifest, Clock now) {
    book.tracker.completed(now);
    book.savepoints.taken(manifest);
    if (book.state instanceof JobState.Running running && !running.execution().allAtEndOfData()) {
      trigger(running.execution(), false, Purpose.CHECKPOINT, now);
    } else {
      finalCheckpoint(now);
    }
  }

  private void keepSavepoint() {
    String directory = book.savepoints.wish().orElseThrow().directory();
    book.perform(
        directory,
        new KeepSavepoint(book.savepoints.keep()),
        step -> new JobEvent.SavepointKept(directory, step));
  }

  void savepointKept(JobEvent.SavepointKept event, Clock now) {
    if (book.savepoints.isUnderWay(event.directory())
        && book.savepoints.stage() == Savepoints.Stage.KEEPING) {
      if (JobBook.verdict(event.step()) == Written.Verdict.DONE) {
        book.savepoints.done();
      } else {
        book.savepoints.failed(
            "cannot write to " + event.directory() + ": " + JobBook.reason(event.step()));
      }
      finalCheckpoint(now);
      nextSavepoint(now);
    }
  }

  /** Makes the newest complete checkpoint durable, unless another one is being written. */
  private void commitNext(Clock now) {
    Optional<CheckpointTracker.Complete> next = book.tracker.commit();
    if (next.isPresent()) {
      next.get().overtaken().forEach(this::drop);
      commit(next.get().parts(), now);
    }
  }

  private void commit(CheckpointTracker.Parts parts, Clock now) {
    boolean savepoint = book.savepoints.stage() == Savepoints.Stage.TAKING;
    Optional<Stopped> stopped =
        savepoint ? book.savepoints.wish().flatMap(Savepoints.Wish::stopped) : Optional.empty();
    var manifest =
        new Manifest(
            book.spec.job(),
            book.spec.lineage(),
            book.epoch,
            book.generation,
            parts.id(),
            now.wallMillis(),
            parts.last(),
            parts.states(),
            stopped,
            book.plan.vertices().stream()
                .map(vertex -> new NamedOperator(vertex.uid(), vertex.name()))
                .toList());
    if (savepoint && stopped.isEmpty()) {
      savepointTaken(manifest, now);
      return;
    }
    Optional<String> unknown = book.retained.fileOfNoneIn(manifest);
    if (unknown.isPresent()) {
      drop(parts);
      giveUpCheckpoint(
          parts.id(), "a part of it needs " + unknown.get() + ", which is not kept", now);
      if (book.state instanceof JobState.Running) {
        commitNext(now);
      }
      return;
    }
    Epoch under = book.epoch;
    long unique = book.unique;
    book.unique += 2;
    book.perform(
        book.checkpointed
            ? WriteFact.manifest(book.epoch, manifest, unique)
            : new CompleteFirst(book.epoch, manifest, unique),
        step -> new JobEvent.ManifestWritten(under, manifest, step));
  }

  void manifestWritten(JobEvent.ManifestWritten event, Clock now) {
    if (!event.epoch().equals(book.wanted)) {
      return; // sealed by a later claim of this very job, which has seen what there is
    }
    Written.Verdict verdict = JobBook.verdict(event.step());
    if (verdict == Written.Verdict.DONE) {
      book.retained.add(
          JobDirectory.manifestFile(book.epoch, event.manifest().checkpoint()), event.manifest());
      book.policy.checkpointCompleted();
      book.recovering = false;
      book.checkpointed = true;
      boolean awaited = book.tracker.isCommitting(event.manifest().checkpoint());
      if (awaited) {
        book.tracker.completed(now);
        lastOverdueInARow = 0;
      }
      if (book.state instanceof JobState.Running running && awaited) {
        checkpointCompleted(running.execution(), event, now);
      }
    } else if (verdict == Written.Verdict.FENCED) {
      book.closed(JobBook.reason(event.step()));
      return;
    } else {
      book.retained.doubt();
      giveUpCheckpoint(event.manifest().checkpoint(), JobBook.reason(event.step()), now);
    }
    if (book.state instanceof JobState.Running) {
      commitNext(now);
    }
    ending.stoppedIfDone(now);
  }

  private void checkpointCompleted(Execution execution, JobEvent.ManifestWritten event, Clock now) {
    book.completedHere = event.manifest().checkpoint();
    boolean last = event.manifest().last();
    for (TaskManagerId taskManager : execution.taskManagers()) {
      book.send(taskManager, completedMessage(execution, last));
    }
    if (book.savepoints.promisedBy(book.completedHere)) {
      keepSavepoint();
    }
    ending.dropClaimed();
    if (last) {
      book.enter(new JobState.Finishing(execution, event.manifest()), now);
      return;
    }
    Epoch under = book.epoch;
    for (Procedure<Boolean> drop : book.retained.dropBeyond(book.tracker.retained(), book.epoch)) {
      book.perform(drop, step -> new JobEvent.Dropped(under, step));
    }
    tellAborted(execution);
    scheduleCheckpoint(now, false);
    nextSavepoint(now);
    finalCheckpoint(now);
  }

  ToTaskManager completedMessage(Execution execution, boolean last) {
    return new ToTaskManager.CheckpointCompleted(
        book.spec.job(),
        book.epoch,
        execution.region(),
        execution.generation(),
        book.completedHere,
        last);
  }

  /** It took too long; at the end of all input that may mean that a barrier can never arrive. */
  void checkpointOverdue(long checkpoint, Clock now) {
    if (!book.tracker.collecting().contains(checkpoint)) {
      return;
    }
    // Others may have been slow before, as long as records stood in front of their barriers.
    lastOverdueInARow = book.tracker.isLast(checkpoint) ? lastOverdueInARow + 1 : 0;
    giveUpCheckpoint(checkpoint, "took too long", now);
    if (lastOverdueInARow >= FINAL_CHECKPOINT_OVERDUE
        && book.state instanceof JobState.Running running
        && running.execution().allAtEndOfData()) {
      lastOverdueInARow = 0;
      ending.failed(
          Failure.of(
              Failure.Kind.RESOURCE,
              "the final checkpoint took too long " + FINAL_CHECKPOINT_OVERDUE + " times in a row"),
          now);
    }
  }

  void checkpointRefused(long checkpoint, String reason, Clock now) {
    if (book.tracker.collecting().contains(checkpoint)) {
      giveUpCheckpoint(checkpoint, reason, now);
    }
  }

  void acked(Report.CheckpointAcked part, Clock now) {
    if (book.tracker.acked(part.attempt(), part.checkpoint(), part.state())) {
      commitNext(now);
    } else if (book.state instanceof JobState.Running running
        && running.execution().has(part.attempt())
        && book.tracker.comesTooLate(part.checkpoint())
        && !book.retained.holds(part.checkpoint())) {
      drop(new CheckpointTracker.Parts(part.checkpoint(), false, Purpose.CHECKPOINT, part.state()));
    }
  }

  /** Where checkpoints fail again and again but no task does, no claim would clean up. */
  private void drop(CheckpointTracker.Parts parts) {
    var drop = new DropParts(parts.id(), parts.states(), book.retained.manifests());
    String savepoint = parts.purpose().directory();
    if (!drop.isEmpty()) {
      book.perform(savepoint.isEmpty() ? book.directory : savepoint, drop, JobEvent.CleanedUp::new);
    }
  }

  /** A checkpoint that fails is no failure of the job, unless too many do. */
  private void giveUpCheckpoint(long id, String reason, Clock now) {
    Optional<CheckpointTracker.Parts> parts = book.tracker.giveUp(id, now);
    parts.ifPresent(this::drop);
    if (parts.isEmpty() || !(book.state instanceof JobState.Running running)) {
      return;
    }
    Execution execution = running.execution();
    book.history.note(
        now.wallMillis(), JobStatus.RUNNING, "checkpoint " + id + " was given up: " + reason);
    tellAborted(execution);
    if (!parts.get().purpose().equals(Purpose.CHECKPOINT)) {
      boolean ends = book.savepoints.wish().flatMap(Savepoints.Wish::stopped).isPresent();
      if (!ends || !book.retained.inDoubt()) {
        book.savepoints.failed("checkpoint " + id + " was given up: " + reason);
      }
      if (ends) {
        // Sources have stopped already: they start again from the last checkpoint.
        ending.failed(
            Failure.of(Failure.Kind.RESOURCE, "the job could not be stopped: " + reason), now);
        return;
      }
    }
    if (book.tracker.intolerable()) {
      ending.failed(
          Failure.of(
              Failure.Kind.RESOURCE,
              book.tracker.failuresInARow()
                  + " checkpoints in a row have failed, more than "
                  + JobSettings.TOLERABLE_FAILED_CHECKPOINTS.key()
                  + " allows; the last one: "
                  + reason),
          now);
    } else if (!execution.allAtEndOfData()
        && book.savepoints.stage() != Savepoints.Stage.PROMISING) {
      scheduleCheckpoint(now, false);
      nextSavepoint(now);
    } else {
      // However long the store is away: a restart would need it even more.
      book.effects.add(new Effect.After(finalPause(), new JobEvent.CheckpointDue(++book.serial)));
    }
  }

  private void tellAborted(Execution execution) {
    OptionalLong upTo = book.tracker.toAbort();
    if (upTo.isPresent()) {
      for (TaskManagerId taskManager : execution.taskManagers()) {
        book.send(taskManager, abortedMessage(execution, upTo.getAsLong()));
      }
    }
  }

  private ToTaskManager abortedMessage(Execution execution, long upTo) {
    return new ToTaskManager.CheckpointAborted(
        book.spec.job(), book.epoch, execution.region(), execution.generation(), upTo);
  }

  private Duration finalPause() {
    long pause =
        JobBook.STORE_PAUSE.toMillis()
            << Math.max(0, Math.min(4, book.tracker.failuresInARow() - 1));
    return Duration.ofMillis(pause);
  }
}
