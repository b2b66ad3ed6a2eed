package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.runtime.protocol.ClusterSettings;

/** What is asked of YARN for each container. */
public record ContainerSizes(
    ContainerMemory jobManager,
    int jobManagerCores,
    ContainerMemory taskManager,
    int taskManagerCores,
    int slots) {
  /**
   * @throws InvalidSettingException if a size is too small for its parts
   */
  public static ContainerSizes of(Configuration configuration) {
    int slots = configuration.get(ClusterSettings.SLOTS);
    int cores = configuration.get(YarnSettings.TASK_MANAGER_VCORES);
    int taskManagerCores = cores == -1 ? slots : cores;
    int jobManagerCores = configuration.get(YarnSettings.JOB_MANAGER_VCORES);
    return new ContainerSizes(
        ContainerMemory.ofJobManager(
            configuration.get(YarnSettings.JOB_MANAGER_MEMORY), jobManagerCores),
        jobManagerCores,
        ContainerMemory.ofTaskManager(
            configuration.get(YarnSettings.TASK_MANAGER_MEMORY), slots, taskManagerCores),
        taskManagerCores,
        slots);
  }
}
