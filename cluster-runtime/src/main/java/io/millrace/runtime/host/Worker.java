package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.taskmanager.TaskManager;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TaskManager with its threads, however it is connected. */
final class Worker implements Inbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long GRACE_MILLIS = 2_000;
  private static final long MANAGED_OF_SLOT = 64L << 20;

  /** A step that takes so long is worth its stack in the log when the process ends over it. */
  private static final Duration STUCK = Duration.ofSeconds(5);

  private final SystemEnv env;
  private final DiskShelf copies;
  private final ProcessMemory memory;
  private final SlotThreads slots;
  private final TaskManager taskManager;

  /**
   * @param home directory where JobManagers say that they are there, if it is known beforehand
   * @param follow lets the wires lead to another JobManager from now on
   * @param ended told when the TaskManager wants to end, with the reason, on its own thread
   * @param crashed told when an invariant is broken, with what was thrown, on any thread
   */
  Worker(
      TaskManagerLocation location,
      Wires wires,
      Exchange exchange,
      CheckpointStore store,
      UserClasses classes,
      FileOrigin files,
      LocalFolders folders,
      Configuration configuration,
      Optional<String> home,
      Consumer<ControlAddress> follow,
      Consumer<String> ended,
      Consumer<Throwable> crashed) {
    int count = configuration.get(ClusterSettings.SLOTS);
    String name = location.id().value();
    this.env = new SystemEnv(name, wires, SystemEnv.DEADLINES, crashed);
    var states = new StateBackends(folders.work(), managedBytes(configuration) / count);
    this.memory = new ProcessMemory(states::usedBytes, states::limitBytes);
    this.copies = new DiskShelf(folders.copies(), folders.shelves());
    this.slots =
        new SlotThreads(
            name,
            count,
            new ScratchFolder(folders.work()),
            states,
            copies,
            new CachedFiles(folders.work().resolve("files"), files, LanePool::progress),
            configuration.get(JobSettings.METRICS_LOG_INTERVAL),
            (attempt, failure) -> crashed.accept(failure));
    this.taskManager =
        new TaskManager(
            location,
            count,
            slots,
            exchange,
            new SteadyStore(store),
            classes,
            configuration,
            message -> env.deliver(Address.SELF, message),
            home,
            follow,
            reason -> {
              slots.stuckFor(STUCK).forEach(where -> LOG.warn("{}", where));
              ended.accept(reason);
            });
  }

  /** Whoever divides a container's memory sets it; else each slot gets a modest part. */
  private static long managedBytes(Configuration configuration) {
    return configuration
        .find(ClusterSettings.MANAGED_MEMORY)
        .orElse(MANAGED_OF_SLOT * configuration.get(ClusterSettings.SLOTS));
  }

  void start() {
    env.start(taskManager);
  }

  /** Of this JVM, which may have other workers. */
  ProcessMemory memory() {
    return memory;
  }

  List<StepTimes.Longest> longestSteps() {
    return slots.longestSteps();
  }

  @Override
  public void deliver(Address from, Message message) {
    env.deliver(from, message);
  }

  /** Stops all threads where they are, as the end of the process would. */
  @Override
  public void close() {
    env.close();
    slots.close();
    try {
      slots.join(GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    copies.close();
  }
}
