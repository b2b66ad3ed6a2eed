package io.millrace.benchmarks.control;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Says what a TaskManager would say whose tasks do well, without any task. */
final class PretendedTaskManager {
  private static final long BEAT_MILLIS = 1_000;

  /** What an operator's subtask keeps in a checkpoint: a JobManager sees but where it lies. */
  private static final byte[] STATE = {1};

  private final ControlPlane cluster;
  private final TaskManagerId id;
  private final int slots;
  private final TreeSet<AttemptId> attempts = new TreeSet<>();
  private final List<NumberedReport> open = new ArrayList<>();
  private JobPlan plan;
  private boolean registered;
  private Epoch epoch = Epoch.NONE;
  private long reports;
  private long seen;
  private long completed;

  /** Of its attempts and what has come of them. */
  private long digest = 1;

  private long digestKnown;

  PretendedTaskManager(ControlPlane cluster, TaskManagerId id, int slots) {
    this.cluster = cluster;
    this.id = id;
    this.slots = slots;
  }

  TaskManagerId id() {
    return id;
  }

  int tasks() {
    return attempts.size();
  }

  /** The newest checkpoint that its tasks have taken part in. */
  long seen() {
    return seen;
  }

  /** The newest checkpoint that it was told is complete. */
  long completed() {
    return completed;
  }

  /** Says what it has to say, now and at intervals. */
  void beat() {
    if (!cluster.taskManagers().contains(this)) {
      return;
    }
    if (registered) {
      heartbeat();
    } else {
      var location = new TaskManagerLocation(id, "host-" + id.value(), 1);
      cluster.toJobManager(id, new ToJobManager.Register(location, slots, Optional.empty(), false));
    }
    cluster.in(BEAT_MILLIS, this::beat);
  }

  void receive(ToTaskManager message) {
    if (message instanceof ToTaskManager.Registered) {
      registered = true;
    } else if (message instanceof ToTaskManager.HeartbeatAnswer answer) {
      open.removeIf(report -> report.number() <= answer.reportsUpTo());
      digestKnown = answer.digest();
    } else if (message instanceof ToTaskManager.Deploy deploy) {
      epoch = deploy.epoch();
      deploy(deploy);
    } else if (message instanceof ToTaskManager.CancelTasks cancel) {
      epoch = cancel.epoch();
      cancel(cancel.belowGeneration());
    } else if (message instanceof ToTaskManager.TriggerCheckpoint trigger) {
      for (PretendedTaskManager each : cluster.taskManagers()) {
        cluster.in(1, () -> each.barrier(trigger.checkpoint()));
      }
    } else if (message instanceof ToTaskManager.CheckpointCompleted done) {
      completed(done.checkpoint());
    }
  }

  private void deploy(ToTaskManager.Deploy deploy) {
    plan = JobPlan.of(deploy.spec().graph(), Configuration.EMPTY);
    for (ToTaskManager.TaskStart task : deploy.tasks()) {
      var attempt =
          new AttemptId(
              deploy.spec().job(),
              deploy.region(),
              deploy.generation(),
              task.chain(),
              task.subtask());
      if (attempts.add(attempt)) {
        report(new Report.Running(attempt));
      }
    }
    heartbeat();
  }

  private void cancel(int below) {
    for (AttemptId attempt : List.copyOf(attempts)) {
      if (attempt.generation() < below) {
        attempts.remove(attempt);
        report(new Report.Ended(attempt));
      }
    }
    heartbeat();
  }

  private void barrier(long checkpoint) {
    if (checkpoint <= seen) {
      return;
    }
    seen = checkpoint;
    String file = JobDirectory.stateFile(epoch, seen, id.value(), 0);
    var written = new ArrayList<byte[]>();
    for (AttemptId attempt : attempts) {
      ChainPlan chain = plan.chains().get(attempt.chain());
      var states = new ArrayList<SubtaskState>();
      for (String uid : chain.uids()) {
        states.add(state(uid, chain, attempt.subtask(), file, written.size()));
        written.add(STATE);
      }
      report(new Report.CheckpointAcked(attempt, checkpoint, states));
    }
    attempts.stream().findFirst().ifPresent(any -> cluster.write(any.job(), file, written));
    heartbeat();
  }

  private static SubtaskState state(
      String uid, ChainPlan chain, int subtask, String file, long at) {
    return new SubtaskState(
        uid,
        subtask,
        chain.parallelism(),
        chain.maxParallelism(),
        Optional.of(new StateBytes.InFile(file, at, STATE.length, StateBytes.crcOf(STATE))),
        List.of(),
        Optional.empty());
  }

  private void completed(long checkpoint) {
    completed = checkpoint;
    attempts.forEach(attempt -> report(new Report.Committed(attempt, checkpoint)));
    heartbeat();
  }

  private void report(Report report) {
    open.add(new NumberedReport(++reports, report));
    digest++;
  }

  private void heartbeat() {
    var all = new ArrayList<AttemptStatus>();
    if (digest != digestKnown) {
      for (AttemptId attempt : attempts) {
        all.add(new AttemptStatus(attempt, epoch, Phase.RUNNING, seen, completed, false));
      }
    }
    cluster.toJobManager(
        id,
        new ToJobManager.Heartbeat(
            id,
            digest,
            digest == digestKnown ? Optional.empty() : Optional.of(all),
            open,
            List.of()));
  }
}
