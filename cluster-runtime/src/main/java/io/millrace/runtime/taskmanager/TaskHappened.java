package io.millrace.runtime.taskmanager;

import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.task.TaskEvent;

/** What a task says, on its way from the task's thread to the TaskManager. */
public record TaskHappened(AttemptId attempt, TaskEvent event) implements Message {}
