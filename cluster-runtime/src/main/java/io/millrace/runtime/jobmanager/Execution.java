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
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  /** How many attempts there are in each stage: asked for with every message. */
  private final EnumMap<Stage, Integer> counts = new EnumMap<>(Stage.class);

  /** The attempts of each TaskManager, in their order. */
  private final TreeMap<TaskManagerId, List<AttemptId>> byHome = new TreeMap<>();

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
        enter(attempt, Stage.DEPLOYED);
        byHome
            .computeIfAbsent(graph.locationOf(chain.index(), subtask).id(), id -> new ArrayList<>())
            .add(attempt);
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
    var locations = new LinkedHashMap<TaskManagerLocation, Integer>();
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
        locations.putIfAbsent(task.location(), locations.size());
        places.add(locations.get(task.location()));
        indexes.add(task.slot());
      }
      placement.add(places);
      slots.add(indexes);
    }
    var graph =
        new ExecutionGraph(
            plan,
            JobBook.ONLY_REGION,
            record.generation(),
            List.copyOf(locations.keySet()),
            placement,
            slots);
    var execution =
        new Execution(spec, record.epoch(), graph, Optional.empty(), RestoredStates.NONE);
    execution.attempts().forEach(execution::running);
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
    return byHome.containsKey(taskManager);
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
    if (stages.get(attempt) == Stage.DEPLOYED) {
      enter(attempt, Stage.RUNNING);
    }
  }

  void endOfData(AttemptId attempt) {
    alignment.over(attempt);
    if (has(attempt) && stages.get(attempt) != Stage.ENDED) {
      enter(attempt, Stage.END_OF_DATA);
    }
  }

  void ended(AttemptId attempt) {
    alignment.over(attempt);
    if (has(attempt)) {
      enter(attempt, Stage.ENDED);
    }
  }

  private void enter(AttemptId attempt, Stage next) {
    Stage before = stages.put(attempt, next);
    if (before != null) {
      counts.merge(before, -1, Integer::sum);
    }
    counts.merge(next, 1, Integer::sum);
  }

  private int count(Stage stage) {
    return counts.getOrDefault(stage, 0);
  }

  /** A TaskManager is gone and its attempts with it. */
  void lost(TaskManagerId taskManager) {
    byHome.getOrDefault(taskManager, List.of()).forEach(attempt -> enter(attempt, Stage.ENDED));
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
    return count(Stage.DEPLOYED) == 0;
  }

  boolean allAtEndOfData() {
    return count(Stage.END_OF_DATA) == stages.size();
  }

  boolean allEnded() {
    return count(Stage.ENDED) == stages.size();
  }

  /** TaskManagers that have or may have live attempts. */
  List<TaskManagerId> taskManagers() {
    return byHome.keySet().stream().filter(id -> !attemptsOn(id).isEmpty()).toList();
  }

  /** TaskManagers that run an enumerator: where checkpoints start. */
  List<TaskManagerId> triggered() {
    return byHome.entrySet().stream()
        .filter(each -> each.getValue().stream().anyMatch(this::isEnumerator))
        .map(Map.Entry::getKey)
        .toList();
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
    for (AttemptId attempt : stages.keySet()) {
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

  /** Those that have not ended, in their order. */
  private List<AttemptId> attemptsOn(TaskManagerId taskManager) {
    return byHome.getOrDefault(taskManager, List.of()).stream()
        .filter(attempt -> stages.get(attempt) != Stage.ENDED)
        .toList();
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
