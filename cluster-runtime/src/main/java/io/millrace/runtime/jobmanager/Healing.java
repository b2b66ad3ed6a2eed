package io.millrace.runtime.jobmanager;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import java.util.List;
import java.util.Optional;

/** Finds out from heartbeats which messages were lost, and says them again. */
final class Healing {
  private final JobBook book;
  private final Checkpointing checkpoints;
  private final Ending ending;

  Healing(JobBook book, Checkpointing checkpoints, Ending ending) {
    this.book = book;
    this.checkpoints = checkpoints;
    this.ending = ending;
  }

  /** What a TaskManager has is compared with what it should have; the difference is said again. */
  void attemptsSeen(JobEvent.AttemptsSeen event, Clock now) {
    event.attempts().forEach(status -> book.tracker.raise(status.checkpointSeen()));
    if (book.epoch.equals(Epoch.NONE)) {
      return;
    }
    Optional<Execution> current = book.execution();
    int lowestWanted = current.map(Execution::generation).orElse(book.generation + 1);
    boolean restarting = book.state instanceof JobState.Restarting;
    int keep = restarting ? book.generation + 1 : lowestWanted;
    if (event.attempts().stream().anyMatch(status -> status.attempt().generation() < keep)) {
      book.send(event.taskManager(), book.cancelBelow(keep));
    }
    if (current.isEmpty() || !current.get().uses(event.taskManager())) {
      return;
    }
    Execution execution = current.get();
    List<AttemptId> missing = execution.missing(event.taskManager(), event.attempts());
    if (book.state instanceof JobState.Deploying || book.state instanceof JobState.Running) {
      var vanished = missing.stream().filter(execution::hasRun).findFirst();
      if (vanished.isPresent()) {
        ending.failed(
            Failure.of(Failure.Kind.ENGINE, "task " + vanished.get() + " is gone without a word"),
            now);
        return;
      }
      execution.redeploy(event.taskManager(), event.attempts()).ifPresent(book.effects::add);
    }
    if (book.state instanceof JobState.Running || book.state instanceof JobState.Finishing) {
      repeatCheckpoints(execution, event);
    }
    if (book.state instanceof JobState.Stopping || book.state instanceof JobState.Finishing) {
      missing.forEach(execution::ended);
    }
    if (book.state instanceof JobState.Stopping && !event.attempts().isEmpty()) {
      book.send(event.taskManager(), book.cancelBelow(Integer.MAX_VALUE));
    }
    if (book.state instanceof JobState.Finishing && execution.allEnded()) {
      ending.settle(book.lastFate(), now);
    } else {
      ending.stoppedIfDone(now);
    }
  }

  private void repeatCheckpoints(Execution execution, JobEvent.AttemptsSeen event) {
    boolean completedMissed = false;
    long triggersSeen = Long.MAX_VALUE;
    boolean drainMissed = false;
    for (var status : event.attempts()) {
      if (execution.has(status.attempt())) {
        completedMissed |= status.checkpointCompleted() < book.completedHere;
        if (execution.isEnumerator(status.attempt())) {
          triggersSeen = Math.min(triggersSeen, status.checkpointSeen());
        }
        drainMissed |=
            execution.isEnumerator(status.attempt())
                && book.savepoints.drain().isPresent()
                && status.checkpointSeen() < book.savepoints.drain().getAsLong();
      }
    }
    if (completedMissed) {
      boolean last = book.state instanceof JobState.Finishing;
      book.send(event.taskManager(), checkpoints.completedMessage(execution, last));
    }
    for (long checkpoint : book.tracker.collecting()) {
      if (checkpoint > triggersSeen) {
        book.send(
            event.taskManager(),
            checkpoints.triggerMessage(execution, checkpoint, book.tracker.purpose(checkpoint)));
      }
    }
    if (drainMissed) {
      book.send(
          event.taskManager(),
          checkpoints.triggerMessage(
              execution, book.savepoints.drain().getAsLong(), Purpose.DRAIN));
    }
  }
}
