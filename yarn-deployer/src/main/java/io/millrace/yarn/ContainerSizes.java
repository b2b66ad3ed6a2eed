package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.rocksdb.RocksDbMemory;
import java.util.List;

/** What is asked of YARN for each container. */
public record ContainerSizes(
    ContainerMemory jobManager,
    int jobManagerCores,
    ContainerMemory taskManager,
    int taskManagerCores,
    int slots) {
  private static final int MEGABYTE = 1 << 20;

  /** What RocksDB needs at least in a slot, in megabytes. */
  private static final int LEAST_MANAGED = (int) (RocksDbMemory.LEAST_BYTES / MEGABYTE);

  /**
   * @param stateBackend of the job, which may be another than the configuration's
   * @throws InvalidSettingException if a size is too small for its parts
   */
  public static ContainerSizes of(Configuration configuration, String stateBackend) {
    int slots = configuration.get(ClusterSettings.SLOTS);
    int cores = configuration.get(YarnSettings.TASK_MANAGER_VCORES);
    int taskManagerCores = cores == -1 ? slots : cores;
    int jobManagerCores = configuration.get(YarnSettings.JOB_MANAGER_VCORES);
    return new ContainerSizes(
        ContainerMemory.ofJobManager(
            configuration.get(YarnSettings.JOB_MANAGER_MEMORY), jobManagerCores),
        jobManagerCores,
        ContainerMemory.ofTaskManager(
            configuration.get(YarnSettings.TASK_MANAGER_MEMORY),
            slots,
            taskManagerCores,
            rest -> stateBackend.equals("rocksdb") ? managed(configuration, slots, rest) : 0),
        taskManagerCores,
        slots);
  }

  /**
   * With TaskManagers for slots that say what they need: with as many of them as fit into one of
   * the usual size, at least one, and as large as these need.
   */
  ContainerSizes madeFor(SlotResources each) {
    ContainerSizes made = madeFor(each, 1);
    for (int more = 2; more <= slots; more++) {
      ContainerSizes larger = madeFor(each, more);
      if (larger.taskManager.total() > taskManager.total()
          || larger.taskManagerCores > taskManagerCores) {
        break;
      }
      made = larger;
    }
    return made;
  }

  private ContainerSizes madeFor(SlotResources each, int count) {
    int cores = (each.milliCores() * count + 999) / 1000;
    return new ContainerSizes(
        jobManager,
        jobManagerCores,
        ContainerMemory.ofTaskManager(each, count, cores),
        cores,
        count);
  }

  /** A line for each kind of container, for people. */
  public List<String> described() {
    return List.of(
        "JobManager container: " + jobManager,
        "TaskManager containers, "
            + slots
            + (slots == 1 ? " slot" : " slots")
            + " each: "
            + taskManager);
  }

  private static int managed(Configuration configuration, int slots, int rest) {
    double share = configuration.get(YarnSettings.MANAGED_FRACTION);
    long managed =
        configuration
            .find(ClusterSettings.MANAGED_MEMORY)
            .map(bytes -> bytes / MEGABYTE)
            .orElse((long) (rest * share));
    if (managed < (long) LEAST_MANAGED * slots || managed > rest) {
      throw new InvalidSettingException(
          managed
              + "m of managed memory are not possible: RocksDB needs at least "
              + LEAST_MANAGED
              + "m for each of "
              + slots
              + (slots == 1 ? " slot, " : " slots, ")
              + rest
              + "m are there for it and the heap; set taskmanager.memory.managed.size or raise"
              + " taskmanager.memory.process.size");
    }
    return (int) managed;
  }
}
