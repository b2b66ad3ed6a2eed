package io.millrace.runtime.jobmanager;

import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.protocol.TaskManagerId;

/**
 * What the host tells the JobManager of the control connection of a TaskManager, in the order in
 * which it happened. A connection that is replaced by a newer one is not lost.
 */
public sealed interface Connection extends Message {

  record Opened(TaskManagerId taskManager) implements Connection {}

  record Lost(TaskManagerId taskManager) implements Connection {}

  /**
   * After its loss: nobody listens any more where the TaskManager did, so its process has ended.
   */
  record Refused(TaskManagerId taskManager) implements Connection {}
}
