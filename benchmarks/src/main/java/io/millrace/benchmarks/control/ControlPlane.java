package io.millrace.benchmarks.control;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.MessageCodec;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A real JobManager among pretended TaskManagers, in one thread and virtual time. Every message
 * becomes bytes and is made of them again. Counted is the CPU time of what a JobManager's process
 * does: its half of that, what it decides, and what it writes down.
 */
final class ControlPlane implements ResourceManager {
  private static final Address CLIENT = new Address("client/1");
  private static final Address PLATFORM = new Address("resources");
  private static final long ON_THE_WAY_MILLIS = 1;
  private static final long GIVE_UP_MILLIS = Duration.ofHours(1).toMillis();

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final MessageCodec<ToJobManager> toJobManager = new MessageCodec<>(ToJobManager.class);
  private final MessageCodec<ToTaskManager> toTaskManagers =
      new MessageCodec<>(ToTaskManager.class);
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final PriorityQueue<Due> queue =
      new PriorityQueue<>(Comparator.comparingLong(Due::millis).thenComparingLong(Due::number));
  private final TreeMap<Address, PretendedTaskManager> taskManagers = new TreeMap<>();
  private final int slots;
  private final JobManager jobManager;
  private long nowMillis = 1_000;
  private long number;
  private int started;
  private int wanted;
  private JobStatus status = JobStatus.INITIALIZING;
  private long cpuNanos;
  private long messages;
  private long bytes;

  private record Due(long millis, long number, Runnable action) {}

  /**
   * What the JobManager's process has done so far.
   *
   * @param messages that it has sent
   * @param bytes that those took
   */
  record Spent(long cpuNanos, long messages, long bytes) {
    Spent since(Spent before) {
      return new Spent(
          cpuNanos - before.cpuNanos, messages - before.messages, bytes - before.bytes);
    }

    double cpuSeconds() {
      return cpuNanos / 1e9;
    }
  }

  ControlPlane(Configuration configuration, UserClasses classes, int slots) {
    this.slots = slots;
    this.jobManager =
        new JobManager(
            new JobManager.Setup(
                "control-plane",
                1,
                Optional.empty(),
                configuration,
                JobManager.Lifetime.SESSION,
                Optional.empty(),
                Lease.DEFAULT),
            this,
            store,
            classes);
    charged(() -> jobManager.start(new Virtual()));
  }

  Spent spent() {
    return new Spent(cpuNanos, messages, bytes);
  }

  void submit(JobSpec spec) {
    fromClient(new ClientRequest.Submit(1, spec));
  }

  private void fromClient(ClientRequest request) {
    charged(() -> jobManager.receive(CLIENT, request));
  }

  /** Runs until the time has passed. */
  void runFor(Duration time) {
    long end = nowMillis + time.toMillis();
    in(time.toMillis(), () -> {});
    until(() -> nowMillis >= end);
  }

  /** Runs until it holds. */
  void until(BooleanSupplier holds) {
    long end = nowMillis + GIVE_UP_MILLIS;
    while (!holds.getAsBoolean()) {
      Due due = queue.poll();
      if (due == null || due.millis() > end) {
        throw new IllegalStateException(
            "it never came to that; the job is "
                + status()
                + ", TaskManagers "
                + taskManagers.size()
                + ", queue "
                + queue.size());
      }
      nowMillis = due.millis();
      due.action().run();
    }
  }

  /** Runs until the JobManager says that the job, the only one, is RUNNING. */
  void awaitRunning() {
    until(() -> status() == JobStatus.RUNNING);
  }

  /** As the JobManager tells a client. */
  private JobStatus status() {
    fromClient(new ClientRequest.ListJobs(2));
    return status;
  }

  /** A process is gone, as the platform says. */
  void kill(TaskManagerId id) {
    taskManagers.remove(id.address());
    charged(() -> jobManager.receive(PLATFORM, new TaskManagerEnded(id, "exit code 137")));
  }

  Collection<PretendedTaskManager> taskManagers() {
    return taskManagers.values();
  }

  // ---- for TaskManagers

  void in(long millis, Runnable action) {
    queue.add(new Due(nowMillis + millis, number++, action));
  }

  /** Writes a state file of a job. */
  void write(JobId job, String file, List<byte[]> content) {
    try {
      store.writeState(store.directoryOf(job), file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void toJobManager(TaskManagerId from, ToJobManager message) {
    byte[] sent = toJobManager.encode(message);
    in(
        ON_THE_WAY_MILLIS,
        () -> charged(() -> jobManager.receive(from.address(), toJobManager.decode(sent))));
  }

  /** Runs what a JobManager's process would. */
  private void charged(Runnable work) {
    long before = threads.getCurrentThreadCpuTime();
    work.run();
    cpuNanos += threads.getCurrentThreadCpuTime() - before;
  }

  private final class Virtual implements Env {
    private final SplittableRandom random = new SplittableRandom(1);

    @Override
    public Clock now() {
      return new Clock(nowMillis, nowMillis);
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public void send(Address to, Message message) {
      if (message instanceof ClientAnswer.Jobs jobs) {
        jobs.jobs().forEach(job -> status = job.status());
      } else if (message instanceof ClientAnswer.Refused refused) {
        throw new IllegalStateException(refused.reason());
      } else if (message instanceof ToTaskManager command) {
        byte[] sent = toTaskManagers.encode(command);
        messages++;
        bytes += sent.length;
        in(ON_THE_WAY_MILLIS, () -> arrive(to, sent));
      }
    }

    private void arrive(Address to, byte[] sent) {
      PretendedTaskManager taskManager = taskManagers.get(to);
      if (taskManager != null) {
        taskManager.receive(toTaskManagers.decode(sent));
      }
    }

    @Override
    public void after(Duration delay, Message toSelf) {
      in(delay.toMillis(), () -> charged(() -> jobManager.receive(Address.SELF, toSelf)));
    }

    @Override
    public void offload(
        Lane lane,
        Callable<? extends Message> work,
        Function<? super Exception, ? extends Message> failed) {
      in(
          ON_THE_WAY_MILLIS,
          () ->
              charged(
                  () -> {
                    Message answer;
                    try {
                      answer = work.call();
                    } catch (Exception e) {
                      answer = failed.apply(e);
                    }
                    jobManager.receive(Address.SELF, answer);
                  }));
    }
  }

  // ---- the platform

  @Override
  public void want(int count) {
    wanted = count;
    in(ON_THE_WAY_MILLIS, this::startMissing);
  }

  private void startMissing() {
    while (taskManagers.size() < wanted) {
      var id = new TaskManagerId("tm-" + ++started);
      var taskManager = new PretendedTaskManager(this, id, slots);
      taskManagers.put(id.address(), taskManager);
      // Beats of so many are spread over the time between two.
      in(started % 1_000, taskManager::beat);
    }
  }

  @Override
  public void release(TaskManagerId taskManager) {
    taskManagers.remove(taskManager.address());
  }

  @Override
  public void finish(JobStatus status, String diagnostics) {
    throw new IllegalStateException("a session has no end, found " + status + ": " + diagnostics);
  }

  @Override
  public void fenced(String reason) {
    throw new IllegalStateException("nobody else commands, found " + reason);
  }
}
