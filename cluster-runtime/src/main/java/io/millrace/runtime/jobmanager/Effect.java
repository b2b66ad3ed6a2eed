package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a {@link JobMaster} wants done. */
sealed interface Effect {

  record Send(TaskManagerId to, ToTaskManager message) implements Effect {}

  record Answer(Address client, ClientAnswer answer) implements Effect {}

  /** Bring the event once the time has passed. */
  record After(Duration delay, JobEvent event) implements Effect {}

  /**
   * Go through a procedure on the names in a directory.
   *
   * @param answer makes the event from its last step
   */
  record Perform<R>(
      String directory, Procedure<R> procedure, Function<Step<R>, ? extends JobEvent> answer)
      implements Effect {}

  /**
   * Let all sinks take their places; answered by {@link JobEvent.SinksAcquired}, {@link
   * JobEvent.SinksRefused} or {@link JobEvent.SinksSuperseded}.
   *
   * @param epoch under which they are taken, unless another process has claimed a higher one
   * @param from the checkpoint that the job starts from
   * @param takeBack what they have to take back there, if anything
   */
  record AcquireSinks(Epoch epoch, String lineage, Optional<Long> from, Optional<TakeBack> takeBack)
      implements Effect {}

  /**
   * Output of checkpoints that are damaged.
   *
   * @param to the checkpoint before them
   * @param upTo the highest that there ever was
   */
  record TakeBack(Manifest to, long upTo) {}

  /**
   * Keep the promises of the newest checkpoint, then delete other pending output; answered by
   * {@link JobEvent.Settled}.
   *
   * @param takeBack what sinks may not have taken back yet
   * @param finished whether all input was read
   * @param deletePending false if what was promised is not known for sure
   */
  record Settle(
      String lineage,
      Optional<Manifest> newest,
      Optional<TakeBack> takeBack,
      boolean finished,
      boolean deletePending)
      implements Effect {}

  /** Answered by {@link JobEvent.SlotsGranted} as soon as there are all of them. */
  record TakeSlots(SlotDemand demand) implements Effect {}

  /** These slots are the job's already: its tasks run there. */
  record HoldSlots(List<FreeSlot> slots) implements Effect {
    public HoldSlots {
      slots = List.copyOf(slots);
    }
  }

  record ReleaseSlots() implements Effect {}

  /**
   * Tell again what TaskManagers last said they have; answered by {@link JobEvent.AttemptsSeen}.
   */
  record ShowAttempts() implements Effect {}

  /** Somebody else commands the job: this process has to end without another effect. */
  record Fenced(String reason) implements Effect {}

  /** Nothing follows. */
  record JobEnded() implements Effect {}
}
