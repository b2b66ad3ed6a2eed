package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import io.millrace.runtime.taskmanager.Line;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A TaskManager with everything that it needs in a process of its own: data port, line to the
 * JobManager, threads. Whoever starts it waits for its end and then lets the process exit.
 */
public final class TaskManagerProcess implements AutoCloseable {
  private final ProcessEnd.Awaited end = new ProcessEnd.Awaited();
  private final NetworkExchange network;
  private final AtomicReference<InetSocketAddress> jobManager;
  private final ControlConnection<ToJobManager, ToTaskManager> line;
  private final Worker worker;
  private final TaskManagerId id;
  private final Duration interval;
  private final ProcessMemory memory;

  /** Open until this TaskManager is given something to do, or ends. */
  private final CountDownLatch idle = new CountDownLatch(1);

  private volatile Optional<LogTail> logs = Optional.empty();
  private volatile boolean closed;

  /**
   * What a TaskManager is told at its start.
   *
   * @param host under which other TaskManagers reach this one
   * @param bindHost address to listen on; empty for all
   * @param dataPort 0 for any
   * @param jobManager where the first JobManager is; this TaskManager finds later ones by itself
   * @param home directory where JobManagers say that they are there, if it is known beforehand; the
   *     JobManager that takes this TaskManager tells it otherwise
   * @param files where those of jobs are fetched
   * @param folders on local disk, for what does not fit in memory
   */
  public record Setup(
      ClusterIdentity identity,
      String applicationId,
      TaskManagerId id,
      String host,
      String bindHost,
      int dataPort,
      InetSocketAddress jobManager,
      Optional<String> home,
      CheckpointStore store,
      UserClasses classes,
      FileOrigin files,
      LocalFolders folders,
      Configuration configuration) {}

  /**
   * Opens the data port and starts to work.
   *
   * @throws IOException if the port cannot be opened
   */
  public static TaskManagerProcess start(Setup setup) throws IOException {
    var process = new TaskManagerProcess(setup);
    process.worker.start();
    process.line.open();
    return process;
  }

  private TaskManagerProcess(Setup setup) throws IOException {
    this.id = setup.id();
    this.interval = setup.configuration().get(ClusterSettings.HEARTBEAT_INTERVAL);
    String name = id.value();
    this.jobManager = new AtomicReference<>(setup.jobManager());
    this.network =
        new NetworkExchange(
            setup.identity(),
            setup.applicationId(),
            name,
            setup.bindHost(),
            setup.dataPort(),
            setup.configuration().get(HostSettings.MAX_RECORD),
            TransportLimits.DEFAULT.withSilence(
                setup.configuration().get(HostSettings.DATA_SILENCE)),
            NetworkExchange.Times.DEFAULT);
    this.line =
        new ControlConnection<>(
            setup.identity(),
            setup.applicationId(),
            Role.TASKMANAGER,
            name,
            jobManager::get,
            TransportLimits.DEFAULT,
            ToJobManager.class,
            ToTaskManager.class,
            this::fromJobManager,
            this::tellOfLine);
    this.worker =
        new Worker(
            new TaskManagerLocation(setup.id(), setup.host(), network.port()),
            (to, message) -> line.send((ToJobManager) message),
            new NodeExchange(name, network),
            setup.store(),
            setup.classes(),
            setup.files(),
            setup.folders(),
            setup.configuration(),
            setup.home(),
            this::follow,
            end::ordered,
            end::broken);
    this.memory = worker.memory();
  }

  private void tellOfLine(Line news) {
    worker.deliver(Address.SELF, news);
  }

  private void follow(ControlAddress next) {
    // Not resolved here: each attempt to connect looks the name up anew.
    jobManager.set(InetSocketAddress.createUnresolved(next.host(), next.port()));
    line.redial();
  }

  private void fromJobManager(ToTaskManager message) {
    if (message instanceof ToTaskManager.Registered) {
      logs.ifPresent(LogTail::tellAgain); // it may be another JobManager
    } else if (message instanceof ToTaskManager.Deploy) {
      idle.countDown();
    }
    worker.deliver(Address.JOB_MANAGER, message);
  }

  public int dataPort() {
    return network.port();
  }

  /** Makes failures of the JVM itself end this process too; for the process's main only. */
  public TaskManagerProcess watchThreads() {
    end.watchThreads();
    return this;
  }

  /** Lets the JobManager know at intervals how these logs end, for this process may be killed. */
  public TaskManagerProcess tellEndsOf(List<Path> files) {
    logs = Optional.of(new LogTail(files));
    var teller = new Thread(this::tellEnds, "log-tail");
    teller.setDaemon(true);
    teller.start();
    return this;
  }

  private void tellEnds() {
    try {
      while (!closed) {
        Thread.sleep(interval.toMillis()); // a process that starts has no time for this
        tellEndsNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The same at once: who is asked to end has a moment left. */
  public void tellEndsNow() {
    logs.ifPresent(
        tail -> {
          boolean news = tail.hasGrown();
          if ((memory.hasChanged() || news)
              && !line.send(new ToJobManager.LastLines(id, tail.lines(), memory.described()))) {
            tail.tellAgain();
          }
        });
  }

  /** Waits for that time; tells whether this TaskManager has been given nothing to do meanwhile. */
  public boolean idleFor(Duration time) throws InterruptedException {
    return !idle.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits until the JobManager has sent this TaskManager home, or it cannot go on. */
  public ProcessEnd await() throws InterruptedException {
    return end.await();
  }

  /** Stops everything where it is. */
  @Override
  public void close() {
    closed = true;
    idle.countDown();
    end.ordered("closed");
    line.close();
    worker.close();
    network.close();
  }
}
