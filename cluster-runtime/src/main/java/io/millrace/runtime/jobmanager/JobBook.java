package io.millrace.runtime.jobmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Retention;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.jobmanager.JobState.Fate;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToTaskManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One job's book: what is true of it and what is to be done, written by the parts of its {@link
 * JobMaster} and by nobody else.
 */
final class JobBook {
  static final int ONLY_REGION = 0;
  static final Duration STORE_PAUSE = Duration.ofSeconds(1);

  /** For which a process that has decided to end may still be there. */
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  final JobPlan plan;
  final String directory;
  final int attempt;
  final Optional<JobManager.Control> control;
  final Duration adoptionTimeout;

  /** Whether the next JobManager takes the job up unless its end is durable. */
  final boolean onDocket;

  /** Unique for this process. */
  final String owner;

  final RestartPolicy policy;
  final CheckpointTracker tracker;
  final RetainedCheckpoints retained = new RetainedCheckpoints();
  final Savepoints savepoints = new Savepoints();
  final JobHistory history;

  /** Where the tasks of the newest generation ran that was claimed, by chain and subtask. */
  private final TreeMap<Integer, TreeMap<Integer, TaskManagerLocation>> placed = new TreeMap<>();

  /** Empty for a job whose sinks tell an old writer from a new one. */
  final Optional<Writers> writers;

  /** After which a TaskManager has ended that hears nothing, its farewell included. */
  final Duration silence;

  final TreeSet<TaskManagerId> visited = new TreeSet<>();
  final List<JobEvent.CancelAsked> unanswered = new ArrayList<>();

  /** A user has asked, whether or not that could be made durable yet. */
  boolean cancelWanted;

  /** Why the last thing that was to become durable did not. */
  Optional<String> trouble = Optional.empty();

  /** With the lineage that it really has: a job that continues another has the other's. */
  JobSpec spec;

  JobState state = new JobState.Created();

  /** The epoch that is held; while another is being claimed, still the one before. */
  Epoch epoch = Epoch.NONE;

  Epoch wanted = Epoch.NONE;
  int generation;
  long unique;
  long serial;
  boolean ran;

  /** Whether anything was on record of the job at any time: tasks may be deployed only then. */
  boolean recorded;

  /** Whether the job has completed a checkpoint, of which a file says so. */
  boolean checkpointed;

  /** What the platform has kept of the TaskManagers of earlier JobManagers, once it has said so. */
  Optional<List<TaskManagerId>> kept = Optional.empty();

  /** From a claim on, until a checkpoint completes or the job ends. */
  boolean recovering;

  boolean acquiringSinks;

  boolean sinksAcquired;
  long completedHere;
  List<Effect> effects = new ArrayList<>();

  JobBook(
      JobSpec spec,
      JobPlan plan,
      String directory,
      JobManager.Setup setup,
      RandomGenerator random) {
    this.spec = spec;
    this.plan = plan;
    this.directory = directory;
    this.attempt = setup.attempt();
    this.control = setup.control();
    this.onDocket = setup.docket().isPresent();
    this.adoptionTimeout = setup.configuration().get(ClusterSettings.ADOPTION_TIMEOUT);
    this.writers =
        plan.settings().get(JobSettings.EXCLUSIVE_WRITER)
            ? Optional.of(new Writers())
            : Optional.empty();
    this.silence =
        setup
            .configuration()
            .get(ClusterSettings.JOBMANAGER_SILENCE_TIMEOUT)
            .plus(setup.configuration().get(ClusterSettings.HEARTBEAT_TIMEOUT).multipliedBy(2))
            .plus(FAREWELL);
    this.owner = setup.cluster() + "-" + attempt + "-" + Long.toHexString(random.nextLong());
    this.policy = new RestartPolicy(plan.settings(), random);
    this.tracker = new CheckpointTracker(plan.settings());
    this.history = new JobHistory(spec);
  }

  Optional<Execution> execution() {
    if (state instanceof JobState.RecordingDeployment recording) {
      return Optional.of(recording.execution());
    } else if (state instanceof JobState.Deploying deploying) {
      return Optional.of(deploying.execution());
    } else if (state instanceof JobState.Running running) {
      return Optional.of(running.execution());
    } else if (state instanceof JobState.Finishing finishing) {
      return Optional.of(finishing.execution());
    } else if (state instanceof JobState.Restarting restarting) {
      return restarting.execution();
    } else if (state instanceof JobState.Deciding deciding) {
      return deciding.execution();
    } else if (state instanceof JobState.Stopping stopping) {
      return Optional.of(stopping.execution());
    }
    return Optional.empty();
  }

  Optional<TaskManagerLocation> homeOf(int chain, int subtask) {
    return Optional.ofNullable(placed.get(chain)).map(subtasks -> subtasks.get(subtask));
  }

  /** Of the generation that was claimed. */
  void placed(List<DeploymentRecord.Placed> tasks) {
    placed.clear();
    for (DeploymentRecord.Placed task : tasks) {
      placed
          .computeIfAbsent(task.chain(), chain -> new TreeMap<>())
          .put(task.subtask(), task.location());
    }
  }

  JobStatus startStatus(JobStatus first) {
    return ran ? JobStatus.RESTARTING : first;
  }

  void enter(JobState next, Clock now) {
    enter(next, "", now);
  }

  void enter(JobState next, String note, Clock now) {
    state = next;
    history.note(now.wallMillis(), next.status(), note);
  }

  /** On the way to the first time that the job runs, of which users may want to know all. */
  void reached(String what, Clock now) {
    if (!ran && !state.status().terminal()) {
      history.detail(now.wallMillis(), what);
    }
  }

  void send(TaskManagerId to, ToTaskManager message) {
    effects.add(new Effect.Send(to, message));
  }

  <R> void perform(Procedure<R> procedure, Function<Step<R>, ? extends JobEvent> answer) {
    perform(directory, procedure, answer);
  }

  <R> void perform(
      String in, Procedure<R> procedure, Function<Step<R>, ? extends JobEvent> answer) {
    effects.add(new Effect.Perform<>(in, procedure, answer));
  }

  static <R> boolean isDone(Step<R> step, R result) {
    return step instanceof Step.Done<R> done && done.result().equals(result);
  }

  /** A store that does not answer is treated like one that lost the draft: try again. */
  static Written.Verdict verdict(Step<Written> step) {
    return step instanceof Step.Done<Written> done
        ? done.result().verdict()
        : Written.Verdict.SOURCE_GONE;
  }

  static String reason(Step<Written> step) {
    return step instanceof Step.Done<Written> done
        ? done.result().detail()
        : ((Step.Failed<Written>) step).reason();
  }

  void inherit(String lineage) {
    spec =
        new JobSpec(
            spec.job(), lineage, spec.graph(), spec.jars(), spec.files(), spec.restoreFrom());
  }

  /** How a job ends whose newest manifest is its last. */
  Fate lastFate() {
    JobStatus outcome =
        retained
            .newest()
            .flatMap(Manifest::stopped)
            .map(Stopped::outcome)
            .orElse(JobStatus.FINISHED);
    return new Fate(outcome, Optional.empty());
  }

  /** Whether the job's checkpoints stay once it has ended so. */
  boolean keepsCheckpoints(JobStatus end) {
    return Retention.of(plan.settings()).keeps(end);
  }

  ToTaskManager cancelBelow(int below) {
    return new ToTaskManager.CancelTasks(spec.job(), epoch, ONLY_REGION, below);
  }

  void answerCancels() {
    for (JobEvent.CancelAsked asked : unanswered) {
      effects.add(new Effect.Answer(asked.client(), new ClientAnswer.Accepted(asked.number())));
    }
    unanswered.clear();
  }

  void pause() {
    effects.add(new Effect.After(STORE_PAUSE, new JobEvent.RetryDue(++serial)));
  }

  /** A write has found the own epoch closed: whoever has closed it left a claim. */
  void closed(String reason) {
    Epoch under = epoch;
    effects.clear();
    perform(new FindHigherClaim(under), step -> new JobEvent.FenceSeen(under, reason, step));
  }

  void fenced(String reason) {
    effects.clear();
    effects.add(new Effect.Fenced(reason));
  }

  /** Whether the newest claim that was wanted is held. */
  boolean commands() {
    return epoch.compareTo(Epoch.NONE) > 0 && epoch.equals(wanted);
  }

  /** Tasks of that generation are, or were, deployed, which was on record before they were. */
  void deployed(int generation) {
    recorded = true;
    this.generation = Math.max(this.generation, generation);
  }

  /** Whether an earlier process commanded under that epoch. */
  boolean isOfPredecessor(Epoch under) {
    return under.attempt() < attempt;
  }
}
