package io.millrace.runtime.protocol;

import io.millrace.api.config.Setting;
import io.millrace.api.config.Settings;
import java.time.Duration;
import java.util.List;

/** The settings of a cluster's processes, as opposed to those of one job. */
public final class ClusterSettings {
  public static final Setting<Duration> HEARTBEAT_INTERVAL =
      Settings.duration(
          "heartbeat.interval", "1 s", "Time from one heartbeat of a TaskManager to the next.");
  public static final Setting<Duration> HEARTBEAT_TIMEOUT =
      Settings.duration(
          "heartbeat.timeout", "5 s", "A TaskManager that is silent for so long counts as lost.");
  public static final Setting<Duration> JOBMANAGER_SILENCE_TIMEOUT =
      Settings.duration(
          "jobmanager.silence.timeout",
          "5 min",
          "A TaskManager that hears nothing from its JobManager for so long ends itself.");
  public static final Setting<Duration> ADOPTION_TIMEOUT =
      Settings.duration(
          "adoption.timeout",
          "5 s",
          "How long a new JobManager waits for the TaskManagers of the one before, whose tasks run on if all of them report in time.");
  public static final Setting<Duration> CANCELLATION_TIMEOUT =
      Settings.duration(
          "task.cancellation.timeout",
          "90 s",
          "A TaskManager with a task that does not end within that time after its cancellation, though its calls are interrupted, ends itself.");
  public static final Setting<Integer> SLOTS =
      Settings.integer(
          "taskmanager.numberOfTaskSlots",
          "1",
          1,
          1024,
          "Slots of a TaskManager, each a thread that runs one subtask of each operator.");

  public static final Setting<Integer> ENDED_JOBS =
      Settings.integer(
          "jobstore.max-capacity",
          "100",
          0,
          100_000,
          "Jobs that have ended and that a cluster which outlives them can still tell of; those that were submitted first are forgotten.");
  public static final Setting<Duration> IDLE_TIMEOUT =
      Settings.duration(
          "resourcemanager.taskmanager-timeout",
          "30 s",
          "A TaskManager that no job needs is given back after that time, in clusters that outlive their jobs.");

  public static final Setting<Integer> SPARE_TASK_MANAGERS =
      Settings.integer(
          "slotmanager.redundant-taskmanager-num",
          "0",
          0,
          1024,
          "TaskManagers that run beyond need as long as there are jobs, so that the tasks of one that dies find another at once; where the cluster starts its TaskManagers itself.");

  public static final Setting<Duration> SLOT_TIMEOUT =
      Settings.duration(
          "slot.request.timeout",
          "5 min",
          "How long a job waits, once it is its turn, for slots in a cluster whose TaskManagers are started by people, before it fails. Where a platform starts them it waits on, but those behind it may go first from then on.");

  public static final Setting<String> ISOLATION =
      Settings.choice(
          "millrace.session.isolation",
          "none",
          List.of("none", "job"),
          "Whether jobs of a cluster share TaskManagers that have several slots; with job no two have slots of the same TaskManager at a time, so that none can take the memory of another or end its process.");

  public static final Setting<Long> MANAGED_MEMORY =
      Settings.bytes(
          "taskmanager.memory.managed.size",
          null,
          "Memory of RocksDB in a TaskManager, divided evenly among its slots: native, but for a third of what goes beyond 16 MB in a slot, with which rows are kept on the heap in front of it. Nothing for state on the heap.");

  /**
   * What each slot of a TaskManager is made for, as {@code SlotResources} writes it. Said by who
   * starts the process, never in a configuration, so it is not among {@link #all}.
   */
  public static final Setting<String> SLOT_RESOURCES =
      Settings.string(
          "taskmanager.slot.resources", null, "What each slot of this TaskManager is made for.");

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return List.of(
        HEARTBEAT_INTERVAL,
        HEARTBEAT_TIMEOUT,
        JOBMANAGER_SILENCE_TIMEOUT,
        ADOPTION_TIMEOUT,
        CANCELLATION_TIMEOUT,
        SLOTS,
        ENDED_JOBS,
        IDLE_TIMEOUT,
        SPARE_TASK_MANAGERS,
        SLOT_TIMEOUT,
        ISOLATION,
        MANAGED_MEMORY);
  }

  private ClusterSettings() {}
}
