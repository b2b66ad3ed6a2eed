package io.millrace.runtime.taskmanager;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager.Heartbeat;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToTaskManager;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.LocalDisk;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.StateStores;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** A TaskManager in a world that a test moves by hand; the test is its JobManager. */
final class Rig implements Env, TaskHost, UserClasses, Watch {
  static final TaskManagerLocation HERE =
      new TaskManagerLocation(new TaskManagerId("tm-1"), "localhost", 1);

  private record Timer(long at, Message message) {}

  final List<Message> sent = new ArrayList<>();

  /** The last one that was heard. */
  Heartbeat heartbeat;

  final List<Report> reports = new ArrayList<>();
  final List<String> shutdowns = new ArrayList<>();
  final List<ControlAddress> followed = new ArrayList<>();
  final List<JobId> releasedClasses = new ArrayList<>();
  final List<JobId> releasedFiles = new ArrayList<>();

  final MemoryShelf shelf = new MemoryShelf();

  /** Thrown when files are asked for, unless null. */
  IOException filesFail;

  final TreeMap<AttemptId, Task> tasks = new TreeMap<>();
  final TaskManager taskManager;
  CheckpointStore store = new MemoryCheckpointStore();

  /** Happens once, while something is done in the background. */
  Runnable beforeAnswer = () -> {};

  /** Whether the answers of heartbeats get lost. */
  boolean deaf;

  private final List<Timer> timers = new ArrayList<>();
  private final ArrayDeque<Callable<Message>> work = new ArrayDeque<>();
  private final ArrayDeque<Message> mailbox = new ArrayDeque<>();
  private final SplittableRandom random = new SplittableRandom(3);
  private long reportsSeen;
  private long now = 1_000;

  Rig() {
    this(new MemoryCheckpointStore(), Configuration.EMPTY);
  }

  Rig(CheckpointStore store, Configuration configuration) {
    this(store, configuration, Optional.empty());
  }

  /**
   * @param home where it may look for a JobManager before one has taken it
   */
  Rig(CheckpointStore store, Configuration configuration, Optional<String> home) {
    this.store = store;
    taskManager =
        new TaskManager(
            HERE,
            2,
            this,
            new LocalExchange(),
            store,
            this,
            configuration,
            mailbox::add,
            home,
            followed::add,
            shutdowns::add);
    taskManager.start(this);
  }

  /** A TaskManager that the JobManager knows. */
  Rig registered() {
    tell(new ToTaskManager.Registered(HERE.id(), 1, Optional.of(store.directoryOf(TestJob.ID))));
    return this;
  }

  Rig tell(ToTaskManager command) {
    taskManager.receive(Address.JOB_MANAGER, command);
    return this;
  }

  /** Lets loads, writes, commits and tasks go on until nothing moves. */
  Rig settle() {
    boolean moved = true;
    while (moved) {
      moved = deliver() | runWork() | stepTasks();
    }
    hear();
    return this;
  }

  boolean deliver() {
    boolean any = !mailbox.isEmpty();
    while (!mailbox.isEmpty()) {
      taskManager.receive(Address.SELF, mailbox.poll());
    }
    return any;
  }

  boolean runWork() {
    Callable<Message> next = work.poll();
    if (next == null) {
      return false;
    }
    try {
      Message answer = next.call();
      Runnable meanwhile = beforeAnswer;
      beforeAnswer = () -> {};
      meanwhile.run();
      taskManager.receive(Address.SELF, answer);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return true;
  }

  boolean stepTasks() {
    boolean any = false;
    for (var entry : List.copyOf(tasks.entrySet())) {
      Progress progress = entry.getValue().step(now(), 50);
      if (progress == Progress.DONE) {
        tasks.remove(entry.getKey());
      }
      any |= progress == Progress.WORKED || progress == Progress.DONE;
    }
    return any;
  }

  /** Moves time; timers that come due are delivered in order. */
  Rig pass(long millis) {
    long end = now + millis;
    while (true) {
      Timer next = null;
      for (Timer timer : timers) {
        if (timer.at <= end && (next == null || timer.at < next.at)) {
          next = timer;
        }
      }
      if (next == null) {
        break;
      }
      timers.remove(next);
      now = Math.max(now, next.at);
      taskManager.receive(Address.SELF, next.message);
      hear();
    }
    now = end;
    return this;
  }

  /** What the JobManager does with heartbeats: takes new reports and acknowledges. */
  private void hear() {
    for (Message message : List.copyOf(sent)) {
      if (!deaf && message instanceof Heartbeat heartbeat) {
        sent.remove(message);
        this.heartbeat = heartbeat;
        for (NumberedReport report : heartbeat.reports()) {
          if (report.number() > reportsSeen) {
            reportsSeen = report.number();
            reports.add(report.report());
          }
        }
        tell(new ToTaskManager.HeartbeatAnswer(reportsSeen, heartbeat.digest()));
      }
    }
  }

  <T extends Report> List<T> reported(Class<T> type) {
    return reports.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends Message> List<T> sent(Class<T> type) {
    return sent.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public Clock now() {
    return new Clock(now, now);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public void send(Address to, Message message) {
    sent.add(message);
  }

  @Override
  public void after(Duration delay, Message toSelf) {
    timers.add(new Timer(now + delay.toMillis(), toSelf));
  }

  @Override
  public void offload(
      Lane lane,
      Callable<? extends Message> blockingWork,
      Function<? super Exception, ? extends Message> failed) {
    work.add(
        () -> {
          try {
            return blockingWork.call();
          } catch (Exception e) {
            return failed.apply(e);
          }
        });
  }

  @Override
  public Waker wakerFor(AttemptId attempt, int slot, boolean ownThread) {
    return Waker.NONE;
  }

  @Override
  public void start(AttemptId attempt, Task task, int slot, boolean ownThread) {
    if (tasks.put(attempt, task) != null) {
      throw new AssertionError(attempt + " was started twice");
    }
  }

  @Override
  public StateFolder newFolder(String name) {
    return new MemoryFolder();
  }

  @Override
  public CopyShelf copies() {
    return shelf;
  }

  @Override
  public StateStores stores(AttemptId attempt, int slot, Configuration settings) {
    return HeapStateStore::create;
  }

  @Override
  public void command(AttemptId attempt, TaskCommand command) {
    if (tasks.containsKey(attempt)) {
      tasks.get(attempt).receive(command);
    }
  }

  @Override
  public DistributedCache files(JobId job, List<FileRef> files) throws IOException {
    if (filesFail != null) {
      throw filesFail;
    }
    var here = new TreeMap<String, Path>();
    files.forEach(file -> here.put(file.file().name(), Path.of(file.location())));
    return new DistributedCache(here);
  }

  @Override
  public void releaseFiles(JobId job) {
    releasedFiles.add(job);
  }

  @Override
  public Watch watch() {
    return this;
  }

  @Override
  public long monotonicMillis() {
    return now;
  }

  @Override
  public long wallMillis() {
    return now;
  }

  @Override
  public LocalDisk disk() {
    return name -> {
      throw new IOException("there is no disk");
    };
  }

  @Override
  public ClassLoader open(JobId job, List<JarRef> jars) {
    return Rig.class.getClassLoader();
  }

  @Override
  public void release(JobId job) {
    releasedClasses.add(job);
  }
}
