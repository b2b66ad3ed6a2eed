package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** A real JobManager among scripted TaskManagers, in one thread and virtual time. */
final class ScriptedCluster implements ResourceManager {
  static final Address CLIENT = new Address("client/1");

  final MemoryCheckpointStore store;
  final TreeMap<TaskManagerId, ScriptedTaskManager> taskManagers = new TreeMap<>();
  final List<ClientAnswer> answers = new ArrayList<>();
  final List<String> trace = new ArrayList<>();

  /** Whether a message, to an address, is lost. */
  BiPredicate<Address, Message> lose = (to, message) -> false;

  /** Checkpoints after which the sources have nothing more. */
  int endAfterCheckpoints = 1;

  boolean startsTaskManagers = true;

  /** Whether sinks have something to commit. */
  boolean sinksWrite = true;

  /** Whether nothing about facts can be read or written. */
  boolean factsAreDown;

  /** How long it takes until the JobManager hears of what is done. */
  long answerMillis = 1;

  /** Of each TaskManager. */
  int slots = 1;

  /** Of each TaskManager that is made to measure; none is if it is 0. */
  int slotsToMeasure;

  /** Why none can be. */
  Optional<String> refusal = Optional.empty();

  Optional<JobStatus> finished = Optional.empty();
  Optional<String> fenced = Optional.empty();
  String diagnostics = "";

  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::millis).thenComparingLong(Due::number));
  private final boolean byPeople;
  private final JobManager jobManager;
  private final int attempt;
  private long nowMillis = 1_000;
  private long number;
  private int started;
  private int wanted;
  private final LinkedHashMap<SlotResources, Integer> wantedToMeasure = new LinkedHashMap<>();

  private record Due(long millis, long number, Runnable action) {}

  ScriptedCluster(MemoryCheckpointStore store, int attempt, Configuration configuration) {
    this(store, attempt, configuration, JobManager.Lifetime.PER_JOB, Optional.empty());
  }

  /**
   * @param docket of a cluster that outlives its jobs
   */
  ScriptedCluster(
      MemoryCheckpointStore store,
      int attempt,
      Configuration configuration,
      JobManager.Lifetime lifetime,
      Optional<String> docket) {
    this(store, attempt, configuration, lifetime, docket, false);
  }

  /**
   * @param byPeople whether the test starts the TaskManagers, and the cluster none
   */
  ScriptedCluster(
      MemoryCheckpointStore store,
      int attempt,
      Configuration configuration,
      JobManager.Lifetime lifetime,
      Optional<String> docket,
      boolean byPeople) {
    this.byPeople = byPeople;
    this.store = store;
    this.attempt = attempt;
    UserClasses classes =
        new UserClasses() {
          @Override
          public ClassLoader open(JobId job, List<JarRef> jars) {
            return ScriptedCluster.class.getClassLoader();
          }

          @Override
          public void release(JobId job) {}
        };
    jobManager =
        new JobManager(
            new JobManager.Setup(
                "cluster",
                attempt,
                Optional.of(new JobManager.Control("host", 40_000 + attempt)),
                configuration,
                lifetime,
                docket,
                Lease.DEFAULT),
            this,
            store,
            classes);
    jobManager.start(new ScriptedEnv());
  }

  /** Makes it last as long as this test's JobManager does. */
  private final class ScriptedEnv implements Env {
    private final SplittableRandom random = new SplittableRandom(attempt);

    @Override
    public Clock now() {
      return new Clock(nowMillis, 1_700_000_000_000L + nowMillis);
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public void send(Address to, Message message) {
      trace.add(nowMillis + " -> " + to + " " + message.getClass().getSimpleName());
      if (lose.test(to, message)) {
        return;
      }
      in(
          1,
          () -> {
            if (message instanceof ClientAnswer answer) {
              answers.add(answer);
            }
            List.copyOf(taskManagers.values()).stream()
                .filter(tm -> tm.id.address().equals(to))
                .forEach(tm -> tm.receive(message));
          });
    }

    @Override
    public void after(Duration delay, Message toSelf) {
      in(delay.toMillis(), () -> jobManager.receive(Address.SELF, toSelf));
    }

    @Override
    public void offload(
        Lane lane,
        Callable<? extends Message> work,
        Function<? super Exception, ? extends Message> failed) {
      in(
          1,
          () -> {
            Message answer;
            try {
              if (factsAreDown && lane == Lane.FACTS) {
                throw new IOException("the store is down");
              }
              answer = work.call();
            } catch (Exception e) {
              answer = failed.apply(e);
            }
            Message result = answer;
            in(answerMillis, () -> jobManager.receive(Address.SELF, result));
          });
    }
  }

  void in(long millis, Runnable action) {
    queue.add(new Due(nowMillis + millis, number++, action));
  }

  /** A TaskManager says something. */
  void toJobManager(TaskManagerId from, Message message) {
    if (lose.test(Address.JOB_MANAGER, message)) {
      return;
    }
    in(1, () -> jobManager.receive(from.address(), message));
  }

  /** Brings the JobManager a message at once. */
  void deliver(Address from, Message message) {
    jobManager.receive(from, message);
  }

  /** The JobManager's process ends over a broken invariant. */
  void breakDown(Throwable why) {
    jobManager.lastWords(why).forEach(Runnable::run);
    taskManagers.clear();
    queue.clear();
  }

  void client(ClientRequest request) {
    jobManager.receive(CLIENT, request);
  }

  void submit(JobSpec spec) {
    client(new ClientRequest.Submit(1, spec));
  }

  /** Runs until it holds; fails if that takes more than ten virtual minutes. */
  void until(BooleanSupplier holds) {
    long end = nowMillis + 600_000;
    while (!holds.getAsBoolean()) {
      Due due = queue.poll();
      if (due == null || due.millis() > end) {
        throw new AssertionError("it never came to that:\n" + String.join("\n", last(60)));
      }
      nowMillis = due.millis();
      due.action().run();
    }
  }

  void runFor(long millis) {
    long end = nowMillis + millis;
    in(millis, () -> {});
    until(() -> nowMillis >= end);
  }

  private List<String> last(int count) {
    return trace.subList(Math.max(0, trace.size() - count), trace.size());
  }

  /** What the JobManager tells a client about the job now. */
  ClientAnswer.JobDetails details() {
    long question = 1_000 + number;
    client(new ClientRequest.GetJob(question, Optional.empty(), 0));
    until(() -> answers.stream().anyMatch(answer -> answer.number() == question));
    return answers.stream()
        .filter(answer -> answer.number() == question)
        .map(ClientAnswer.JobDetails.class::cast)
        .findFirst()
        .orElseThrow();
  }

  JobStatus status() {
    return details().summary().status();
  }

  /** Submits a job without an end, and runs until it runs. */
  void running(JobSpec spec) {
    endAfterCheckpoints = Integer.MAX_VALUE;
    submit(spec);
    until(() -> status() == JobStatus.RUNNING);
  }

  /** Runs until so many are completed. */
  void checkpoints(int count) {
    until(() -> details().lastCheckpoint().filter(path -> number(path) >= count).isPresent());
  }

  /** Of the checkpoint with that manifest. */
  static long number(String manifest) {
    return Long.parseLong(manifest.substring(manifest.length() - 19));
  }

  /** What the TaskManagers that are there were told to deploy. */
  List<ToTaskManager.Deploy> deploys() {
    return taskManagers.values().stream().flatMap(tm -> tm.deploys.stream()).toList();
  }

  ToTaskManager.Deploy lastDeploy() {
    return deploys().stream()
        .reduce((a, b) -> b.generation() >= a.generation() ? b : a)
        .orElseThrow();
  }

  /** Runs until that generation is deployed; a TaskManager cannot read what it is to restore. */
  void failRestore(int generation) {
    until(() -> deploys().stream().anyMatch(each -> each.generation() == generation));
    taskManagers.values().stream()
        .filter(tm -> tm.deploys.stream().anyMatch(each -> each.generation() == generation))
        .findFirst()
        .orElseThrow()
        .failRestore();
  }

  /** Names in a folder of the job's directory. */
  List<String> names(String folder) {
    return store.names(store.directoryOf(TestJobs.JOB)).list(folder).stream()
        .map(entry -> entry.name())
        .toList();
  }

  /** Manifests that are kept, the oldest first. */
  List<String> manifests() {
    return names("epochs").stream()
        .flatMap(epoch -> names("epochs/" + epoch).stream())
        .filter(name -> name.startsWith("manifest-"))
        .toList();
  }

  /** A process is gone at once. */
  void kill(TaskManagerId id) {
    taskManagers.remove(id);
    in(
        5,
        () ->
            jobManager.receive(
                new Address("resources"), new TaskManagerEnded(id, "exit code 137")));
    in(10, this::startMissing);
  }

  /** A process is gone, of which nobody is told but that its connection has closed. */
  void vanish(TaskManagerId id) {
    taskManagers.remove(id);
    deliver(id.address(), new Connection.Lost(id));
  }

  /** Barriers reach every task. */
  void barrier(JobId job, long checkpoint, Purpose purpose) {
    boolean end = checkpoint >= endAfterCheckpoints;
    for (ScriptedTaskManager taskManager : List.copyOf(taskManagers.values())) {
      in(1, () -> taskManager.barrier(job, checkpoint, purpose, end));
    }
  }

  @Override
  public void want(int count) {
    wanted = count;
    in(10, this::startMissing);
  }

  @Override
  public OptionalInt slotsOf(SlotResources each) {
    return slotsToMeasure == 0 ? OptionalInt.empty() : OptionalInt.of(slotsToMeasure);
  }

  @Override
  public Optional<String> refusal(SlotResources each) {
    return refusal;
  }

  @Override
  public void want(SlotResources each, int count) {
    wantedToMeasure.put(each, count);
    in(10, this::startMissing);
  }

  private void startMissing() {
    while (startsTaskManagers && !byPeople && madeFor(Optional.empty()).size() < wanted) {
      startTaskManager();
    }
    wantedToMeasure.forEach(
        (each, count) -> {
          while (startsTaskManagers && madeFor(Optional.of(each)).size() < count) {
            startTaskManager(Optional.of(each));
          }
        });
  }

  /** The TaskManagers whose slots are made for that. */
  List<TaskManagerId> madeFor(Optional<SlotResources> each) {
    return taskManagers.values().stream()
        .filter(taskManager -> taskManager.each.equals(each))
        .map(taskManager -> taskManager.id)
        .toList();
  }

  ScriptedTaskManager startTaskManager() {
    return startTaskManager(Optional.empty());
  }

  ScriptedTaskManager startTaskManager(Optional<SlotResources> each) {
    started++;
    var taskManager =
        new ScriptedTaskManager(this, new TaskManagerId("tm-" + attempt + "-" + started), each);
    taskManagers.put(taskManager.id, taskManager);
    taskManager.begin();
    return taskManager;
  }

  @Override
  public boolean startsTaskManagers() {
    return !byPeople;
  }

  @Override
  public void release(TaskManagerId taskManager) {
    taskManagers.remove(taskManager);
  }

  @Override
  public void finish(JobStatus status, String text) {
    finished = Optional.of(status);
    diagnostics = text;
  }

  @Override
  public void fenced(String reason) {
    fenced = Optional.of(reason);
  }
}
