package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.Vertex;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.ExecutionGraph;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One generation of a job's tasks: where each is and how far it has come. */
final class Execution {
  private final JobSpec spec;
  private final Epoch epoch;
  private final ExecutionGraph graph;
  private final Optional<Origin> origin;
  private final RestoredStates states;
  private final TreeMap<AttemptId, Stage> stages = new TreeMap<>();
  private final TreeMap<AttemptId, TaskManagerId> homes = new TreeMap<>();
  private final TreeMap<AttemptId, Integer> missed = new TreeMap<>();
  private final AlignmentGroups alignment = new AlignmentGroups();

  /** How far an attempt has come. */
  private enum Stage {
    DEPLOYED,
    RUNNING,
    END_OF_DATA,
    ENDED
  }

  Execution(
      JobSpec spec,
      Epoch epoch,
      ExecutionGraph graph,
      Optional<Origin> origin,
      RestoredStates states) {
    this.spec = spec;
    this.epoch = epoch;
    this.graph = graph;
    this.origin = origin;
    this.states = states;
    for (ChainPlan chain : graph.plan().chains()) {
      for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
        AttemptId attempt = attempt(spec.job(), graph.generation(), chain.index(), subtask);
        stages.put(attempt, Stage.DEPLOYED);
        homes.put(attempt, graph.locationOf(chain.index(), subtask).id());
        graph
            .plan()
            .vertex(chain.head())
            .watermarkGroup()
            .ifPresent(group -> alignment.add(attempt, group));
      }
    }
  }

  /**
   * What another JobManager has deployed; all of it counts as running.
   *
   * @return nothing if the record is of another plan
   */
  static Optional<Execution> inherited(JobSpec spec, JobPlan plan, DeploymentRecord record) {
    var locations = new ArrayList<TaskManagerLocation>();
    var placement = new ArrayList<List<Integer>>();
    var slots = new ArrayList<List<Integer>>();
    var placed = new TreeMap<AttemptId, DeploymentRecord.Placed>();
    for (DeploymentRecord.Placed task : record.tasks()) {
      placed.put(attempt(spec.job(), record.generation(), task.chain(), task.subtask()), task);
    }
    if (placed.size() != plan.taskCount()) {
      return Optional.empty();
    }
    for (ChainPlan chain : plan.chains()) {
      var places = new ArrayList<Integer>();
      var indexes = new ArrayList<Integer>();
      for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
        DeploymentRecord.Placed task =
            placed.get(attempt(spec.job(), record.generation(), chain.index(), subtask));
        if (task == null) {
          return Optional.empty();
        }
        if (!locations.contains(task.location())) {
          locations.add(task.location());
        }
        places.add(locations.indexOf(task.location()));
        indexes.add(task.slot());
      }
      placement.add(places);
      slots.add(indexes);
    }
    var graph =
        new ExecutionGraph(
            plan, JobBook.ONLY_REGION, record.generation(), locations, placement, slots);
    var execution =
        new Execution(spec, record.epoch(), graph, Optional.empty(), RestoredStates.NONE);
    execution.stages.replaceAll((attempt, stage) -> Stage.RUNNING);
    return Optional.of(execution);
  }

  static AttemptId attempt(JobId job, int generation, int chain, int subtask) {
    return new AttemptId(job, JobBook.ONLY_REGION, generation, chain, subtask);
  }

  Optional<Origin> origin() {
    return origin;
  }

  /** The epoch in which it was deployed. */
  Epoch epoch() {
    return epoch;
  }

  /** The slots that it uses. */
  List<FreeSlot> slots() {
    var slots = new LinkedHashSet<FreeSlot>();
    stages
        .keySet()
        .forEach(
            attempt ->
                slots.add(
                    new FreeSlot(
                        graph.locationOf(attempt.chain(), attempt.subtask()),
                        graph.slotOf(attempt.chain(), attempt.subtask()))));
    return List.copyOf(slots);
  }

  int region() {
    return graph.region();
  }

  int generation() {
    return graph.generation();
  }

  boolean uses(TaskManagerId taskManager) {
    return graph.uses(taskManager);
  }

  boolean has(AttemptId attempt) {
    return stages.containsKey(attempt);
  }

  Set<AttemptId> attempts() {
    return stages.keySet();
  }

  /** How far its sources have come that wait for each other. */
  AlignmentGroups alignment() {
    return alignment;
  }

  void running(AttemptId attempt) {
    stages.computeIfPresent(attempt, (a, s) -> s == Stage.DEPLOYED ? Stage.RUNNING : s);
  }

  void endOfData(AttemptId attempt) {
    alignment.over(attempt);
    stages.computeIfPresent(attempt, (a, s) -> s == Stage.ENDED ? s : Stage.END_OF_DATA);
  }

  void ended(AttemptId attempt) {
    alignment.over(attempt);
    stages.computeIfPresent(attempt, (a, s) -> Stage.ENDED);
  }

  /** A TaskManager is gone and its attempts with it. */
  void lost(TaskManagerId taskManager) {
    homes.forEach(
        (attempt, home) -> {
          if (home.equals(taskManager)) {
            stages.put(attempt, Stage.ENDED);
          }
        });
  }

  /** Only these TaskManagers are left. */
  void onlyOn(Collection<TaskManagerId> left) {
    for (TaskManagerId id : taskManagers()) {
      if (!left.contains(id)) {
        lost(id);
      }
    }
  }

  boolean allRunning() {
    return stages.values().stream().noneMatch(stage -> stage == Stage.DEPLOYED);
  }

  boolean allAtEndOfData() {
    return stages.values().stream().allMatch(stage -> stage == Stage.END_OF_DATA);
  }

  boolean allEnded() {
    return stages.values().stream().allMatch(stage -> stage == Stage.ENDED);
  }

  /** TaskManagers that have or may have live attempts. */
  List<TaskManagerId> taskManagers() {
    var ids = new TreeSet<TaskManagerId>();
    stages.forEach(
        (attempt, stage) -> {
          if (stage != Stage.ENDED) {
            ids.add(homes.get(attempt));
          }
        });
    return List.copyOf(ids);
  }

  /** TaskManagers that run an enumerator: where checkpoints start. */
  List<TaskManagerId> triggered() {
    var ids = new TreeSet<TaskManagerId>();
    homes.forEach(
        (attempt, home) -> {
          if (isEnumerator(attempt)) {
            ids.add(home);
          }
        });
    return List.copyOf(ids);
  }

  boolean isEnumerator(AttemptId attempt) {
    String head = graph.plan().chains().get(attempt.chain()).head();
    return graph.plan().vertex(head).role() == Vertex.Role.ENUMERATOR;
  }

  /** Subtasks of sources that still read, for people. */
  List<String> reading() {
    var reading = new ArrayList<String>();
    stages.forEach(
        (attempt, stage) -> {
          Vertex head = graph.plan().vertex(graph.plan().chains().get(attempt.chain()).head());
          boolean over = stage == Stage.END_OF_DATA || stage == Stage.ENDED;
          if (head.role() == Vertex.Role.READER && !over) {
            reading.add("'" + head.name() + "' (subtask " + attempt.subtask() + ")");
          }
        });
    return reading;
  }

  /** What is to run on each TaskManager. */
  List<Effect.Send> deployments() {
    return taskManagers().stream().map(id -> deploy(id, attemptsOn(id))).toList();
  }

  /** Deploys again what did not arrive; what has run before is never started a second time. */
  Optional<Effect.Send> redeploy(TaskManagerId taskManager, List<AttemptStatus> found) {
    List<AttemptId> lost =
        absent(taskManager, found).stream()
            .filter(attempt -> stages.get(attempt) == Stage.DEPLOYED)
            .toList();
    return lost.isEmpty() ? Optional.empty() : Optional.of(deploy(taskManager, lost));
  }

  /**
   * Attempts that should be there and are not. Believed at the second look in a row, since the
   * first may have been on its way when the tasks were deployed.
   */
  List<AttemptId> missing(TaskManagerId taskManager, List<AttemptStatus> found) {
    found.forEach(status -> missed.remove(status.attempt()));
    var missing = new ArrayList<AttemptId>();
    for (AttemptId attempt : absent(taskManager, found)) {
      if (missed.merge(attempt, 1, Integer::sum) >= 2) {
        missing.add(attempt);
      }
    }
    return missing;
  }

  boolean hasRun(AttemptId attempt) {
    Stage stage = stages.get(attempt);
    return stage == Stage.RUNNING || stage == Stage.END_OF_DATA;
  }

  DeploymentRecord record(
      int restarts, List<Long> failuresWallMillis, long startWallMillis, long highestCheckpoint) {
    var tasks = new ArrayList<DeploymentRecord.Placed>();
    for (AttemptId attempt : homes.keySet()) {
      int chain = attempt.chain();
      int subtask = attempt.subtask();
      tasks.add(
          new DeploymentRecord.Placed(
              chain, subtask, graph.locationOf(chain, subtask), graph.slotOf(chain, subtask)));
    }
    return new DeploymentRecord(
        epoch,
        generation(),
        spec.lineage(),
        restarts,
        failuresWallMillis,
        startWallMillis,
        origin.map(Origin::path).orElse(""),
        highestCheckpoint,
        graph.plan().vertices().stream()
            .map(
                vertex ->
                    new DeploymentRecord.Operator(
                        vertex.uid(), vertex.parallelism(), vertex.maxParallelism()))
            .toList(),
        tasks);
  }

  private List<AttemptId> absent(TaskManagerId taskManager, List<AttemptStatus> found) {
    var there = new TreeSet<AttemptId>();
    found.forEach(status -> there.add(status.attempt()));
    return attemptsOn(taskManager).stream().filter(attempt -> !there.contains(attempt)).toList();
  }

  /** In their order. */
  private List<AttemptId> attemptsOn(TaskManagerId taskManager) {
    var attempts = new ArrayList<AttemptId>();
    stages.forEach(
        (attempt, stage) -> {
          if (stage != Stage.ENDED && homes.get(attempt).equals(taskManager)) {
            attempts.add(attempt);
          }
        });
    return attempts;
  }

  private Effect.Send deploy(TaskManagerId taskManager, List<AttemptId> attempts) {
    var tasks = new ArrayList<ToTaskManager.TaskStart>();
    for (AttemptId attempt : attempts) {
      ChainPlan chain = graph.plan().chains().get(attempt.chain());
      tasks.add(
          new ToTaskManager.TaskStart(
              attempt.chain(),
              attempt.subtask(),
              graph.slotOf(attempt.chain(), attempt.subtask()),
              states.of(chain, attempt.subtask()),
              origin.map(Origin::directory).orElse("")));
    }
    return new Effect.Send(
        taskManager,
        new ToTaskManager.Deploy(
            spec,
            epoch,
            graph.region(),
            graph.generation(),
            graph.locations(),
            graph.placement(),
            tasks,
            origin.map(Origin::path).orElse("")));
  }
}
