package io.millrace.runtime.protocol;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a TaskManager tells the JobManager. */
public sealed interface ToJobManager extends Message {
  /** More than any machine can serve. */
  int MOST_SLOTS = 10_000;

  TaskManagerId taskManager();

  /**
   * First message after the connection was made, repeated until answered.
   *
   * @param each what each slot is made for; empty if for nothing special
   * @param inherited whether another JobManager was there before
   */
  record Register(
      TaskManagerLocation location, int slots, Optional<SlotResources> each, boolean inherited)
      implements ToJobManager {
    public Register {
      Objects.requireNonNull(location);
      Objects.requireNonNull(each);
      if (slots < 1 || slots > MOST_SLOTS) {
        throw new IllegalArgumentException(
            "a TaskManager has 1 to " + MOST_SLOTS + " slots, found " + slots);
      }
    }

    @Override
    public TaskManagerId taskManager() {
      return location.id();
    }
  }

  /**
   * Everything that this TaskManager has to say, repeated until acknowledged; sent at intervals and
   * at once when a report is new.
   *
   * @param digest of all attempts and their status
   * @param attempts all of them; empty if the JobManager has acknowledged this digest
   * @param reports not yet acknowledged, in order of their numbers
   * @param idle jobs of which it has no attempt, but classes and files still
   */
  record Heartbeat(
      TaskManagerId taskManager,
      long digest,
      Optional<List<AttemptStatus>> attempts,
      List<NumberedReport> reports,
      List<JobId> idle)
      implements ToJobManager {
    public Heartbeat {
      Objects.requireNonNull(taskManager);
      attempts = attempts.map(List::copyOf);
      reports = List.copyOf(reports);
      idle = List.copyOf(idle);
    }
  }

  /**
   * How far a source task has come that waits for others; at intervals, answered by {@link
   * ToTaskManager.GroupReached}. A lost one is made up for by the next.
   *
   * @param watermark the highest there is if nobody is to wait for the task
   */
  record WatermarkReached(TaskManagerId taskManager, AttemptId attempt, long watermark)
      implements ToJobManager {
    public WatermarkReached {
      Objects.requireNonNull(taskManager);
      Objects.requireNonNull(attempt);
    }
  }

  /**
   * The ends of the TaskManager's logs, at intervals if there is anything new in them: if it is
   * killed, nobody else can tell them. A lost one is made up for by the next.
   *
   * @param memory how that of its process is divided, for people
   */
  record LastLines(TaskManagerId taskManager, List<String> lines, String memory)
      implements ToJobManager {
    public LastLines {
      Objects.requireNonNull(taskManager);
      Objects.requireNonNull(memory);
      lines = List.copyOf(lines);
    }
  }

  /**
   * One attempt as the TaskManager has it.
   *
   * @param epoch the highest seen for its job
   * @param checkpointSeen highest checkpoint id that it was triggered for or met a barrier of
   * @param checkpointCompleted highest checkpoint that it was told is complete
   * @param stopped whether its source was told to end before its input does
   */
  record AttemptStatus(
      AttemptId attempt,
      Epoch epoch,
      Phase phase,
      long checkpointSeen,
      long checkpointCompleted,
      boolean stopped) {
    public AttemptStatus {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(epoch);
      Objects.requireNonNull(phase);
    }
  }

  /** Where an attempt is in its life. */
  enum Phase {
    /** Loading classes and state. */
    STARTING,
    RUNNING,
    /** All input is read and all output emitted; barriers still pass. */
    END_OF_DATA,
    /** Told to end, not ended yet. */
    CANCELLING
  }

  /** A report and its number; numbers rise by one from 1 in each TaskManager. */
  record NumberedReport(long number, Report report) {
    public NumberedReport {
      Objects.requireNonNull(report);
    }
  }
}
