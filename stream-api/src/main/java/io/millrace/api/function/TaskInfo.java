package io.millrace.api.function;

/** Which subtask of its operator a function runs in. */
public interface TaskInfo {
  /** Name of the operator. */
  String getTaskName();

  /** Name of the operator and which of how many subtasks this is: {@code Map (1/2)}. */
  String getTaskNameWithSubtasks();

  /** From 0. */
  int getIndexOfThisSubtask();

  int getNumberOfParallelSubtasks();

  /** The number of key groups. */
  int getMaxNumberOfParallelSubtasks();

  /** How often the job's tasks were started before: 0 at first, then one more at each restart. */
  int getAttemptNumber();
}
