package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Says what a TaskManager would say, without any task. */
final class ScriptedTaskManager {
  final TaskManagerId id;
  final Optional<SlotResources> each;
  final List<ToTaskManager.Deploy> deploys = new ArrayList<>();
  final List<Purpose> purposes = new ArrayList<>();

  /** Jobs of which it says that it still has something. */
  final List<JobId> idle = new ArrayList<>();

  final List<JobId> released = new ArrayList<>();
  boolean silent;

  /** Whether readers have state in a file for each checkpoint. */
  boolean writesFiles;

  private ScriptedCluster cluster;
  private final TreeMap<AttemptId, Phase> attempts = new TreeMap<>();
  private final List<NumberedReport> unacknowledged = new ArrayList<>();
  private boolean registered;
  private boolean inherited;
  private Epoch epoch = Epoch.NONE;
  private long reports;
  private final TreeMap<JobId, Long> seen = new TreeMap<>();
  private long completed;

  ScriptedTaskManager(ScriptedCluster cluster, TaskManagerId id, Optional<SlotResources> each) {
    this.each = each;
    this.cluster = cluster;
    this.id = id;
  }

  void begin() {
    if (!cluster.taskManagers.containsValue(this)) {
      return;
    }
    if (!silent) {
      if (!registered) {
        cluster.toJobManager(
            id,
            new ToJobManager.Register(
                new TaskManagerLocation(id, "host", 1),
                each.isPresent() ? cluster.slotsToMeasure : cluster.slots,
                each,
                inherited));
      } else {
        heartbeat();
      }
    }
    cluster.in(1_000, this::begin);
  }

  /** Its line, which broke, leads to the next JobManager by itself: it takes that for its own. */
  void reconnect(ScriptedCluster next) {
    cluster = next;
    next.taskManagers.put(id, this);
    heartbeat();
  }

  /** Has found the next JobManager, with all its tasks. */
  void follow(ScriptedCluster next) {
    cluster = next;
    registered = false;
    inherited = true;
    next.taskManagers.put(id, this);
    begin();
  }

  void receive(Message message) {
    if (message instanceof ToTaskManager.Registered) {
      registered = true;
    } else if (message instanceof ToTaskManager.HeartbeatAnswer answer) {
      unacknowledged.removeIf(report -> report.number() <= answer.reportsUpTo());
    } else if (message instanceof ToTaskManager.Shutdown) {
      cluster.taskManagers.remove(id);
    } else if (message instanceof ToTaskManager.Deploy deploy && current(deploy.epoch())) {
      deploy(deploy);
    } else if (message instanceof ToTaskManager.CancelTasks cancel && current(cancel.epoch())) {
      cancel(cancel.belowGeneration());
    } else if (message instanceof ToTaskManager.TriggerCheckpoint trigger
        && current(trigger.epoch())) {
      cluster.barrier(trigger.job(), trigger.checkpoint(), trigger.purpose());
    } else if (message instanceof ToTaskManager.CheckpointCompleted done && current(done.epoch())) {
      completed(done);
    } else if (message instanceof ToTaskManager.ReleaseJob release) {
      released.add(release.job());
    }
  }

  private boolean current(Epoch of) {
    boolean current = of.compareTo(epoch) >= 0;
    epoch = current ? of : epoch;
    return current;
  }

  private void deploy(ToTaskManager.Deploy deploy) {
    deploys.add(deploy);
    for (ToTaskManager.TaskStart task : deploy.tasks()) {
      var attempt =
          new AttemptId(
              deploy.spec().job(),
              deploy.region(),
              deploy.generation(),
              task.chain(),
              task.subtask());
      if (attempts.put(attempt, Phase.RUNNING) == null) {
        report(new Report.Running(attempt));
      }
    }
  }

  private void cancel(int below) {
    for (AttemptId attempt : List.copyOf(attempts.keySet())) {
      if (attempt.generation() < below) {
        attempts.remove(attempt);
        report(new Report.Ended(attempt));
      }
    }
  }

  void barrier(JobId job, long checkpoint, Purpose purpose, boolean end) {
    if (checkpoint <= seen(job)) {
      return;
    }
    seen.put(job, checkpoint);
    purposes.add(purpose);
    for (AttemptId attempt : List.copyOf(attempts.keySet())) {
      if (!attempt.job().equals(job)) {
        continue;
      }
      if (purpose.equals(Purpose.DRAIN)) {
        attempts.put(attempt, Phase.END_OF_DATA);
        report(new Report.EndOfData(attempt));
        continue;
      }
      report(new Report.CheckpointAcked(attempt, checkpoint, stateOf(attempt, checkpoint)));
      if (end && attempts.put(attempt, Phase.END_OF_DATA) != Phase.END_OF_DATA) {
        report(new Report.EndOfData(attempt));
      }
    }
  }

  private long seen(JobId job) {
    return seen.getOrDefault(job, 0L);
  }

  /** One committable for each checkpoint, as a sink would have. */
  private List<SubtaskState> stateOf(AttemptId attempt, long checkpoint) {
    if (attempt.chain() == 0) {
      return List.of(state(TestJobs.SPLITS, attempt, List.of()));
    }
    var committable =
        new Committable(
            checkpoint, (checkpoint + "/" + attempt.subtask()).getBytes(StandardCharsets.UTF_8));
    return List.of(
        writesFiles ? inFile(attempt, checkpoint) : state(TestJobs.READER, attempt, List.of()),
        state(TestJobs.SINK, attempt, cluster.sinksWrite ? List.of(committable) : List.of()));
  }

  private SubtaskState inFile(AttemptId attempt, long checkpoint) {
    String file = JobDirectory.stateFile(epoch, checkpoint, id.value(), attempt.subtask());
    byte[] bytes = {1};
    try {
      cluster.store.writeState(cluster.store.directoryOf(attempt.job()), file, List.of(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SubtaskState(
        TestJobs.READER,
        attempt.subtask(),
        TestJobs.PARALLELISM,
        128,
        Optional.of(new StateBytes.InFile(file, 0, 1, StateBytes.crcOf(bytes))),
        List.of(),
        Optional.empty());
  }

  private static SubtaskState state(String uid, AttemptId attempt, List<Committable> committables) {
    int parallelism = attempt.chain() == 0 ? 1 : TestJobs.PARALLELISM;
    return new SubtaskState(
        uid, attempt.subtask(), parallelism, 128, Optional.empty(), committables, Optional.empty());
  }

  private void completed(ToTaskManager.CheckpointCompleted done) {
    completed = Math.max(completed, done.checkpoint());
    for (AttemptId attempt : List.copyOf(attempts.keySet())) {
      report(new Report.Committed(attempt, done.checkpoint()));
      if (done.last()) {
        attempts.remove(attempt);
        report(new Report.Ended(attempt));
      }
    }
  }

  /** A task throws. */
  void fail(Failure failure) {
    AttemptId attempt = attempts.lastKey();
    attempts.remove(attempt);
    report(new Report.Failed(attempt, failure));
  }

  /** What it was to restore cannot be read. */
  void failRestore() {
    AttemptId attempt = attempts.lastKey();
    attempts.remove(attempt);
    report(
        new Report.RestoreFailed(
            attempt,
            deploys.get(deploys.size() - 1).restoredManifest(),
            Failure.of(Failure.Kind.EXTERNAL, "parts/7: CRC32C differs")));
  }

  int attemptCount() {
    return attempts.size();
  }

  private void report(Report report) {
    unacknowledged.add(new NumberedReport(++reports, report));
    if (!silent) {
      heartbeat();
    }
  }

  private void heartbeat() {
    var all = new ArrayList<AttemptStatus>();
    attempts.forEach(
        (attempt, phase) ->
            all.add(
                new AttemptStatus(attempt, epoch, phase, seen(attempt.job()), completed, false)));
    cluster.toJobManager(
        id, new ToJobManager.Heartbeat(id, all.hashCode(), Optional.of(all), unacknowledged, idle));
  }
}
