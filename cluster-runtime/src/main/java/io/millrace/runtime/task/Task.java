package io.millrace.runtime.task;

import io.millrace.runtime.kernel.Clock;
import java.util.ArrayDeque;

/** One subtask at work. One thread at a time calls it. */
public final class Task {
  private final ArrayDeque<TaskCommand> commands = new ArrayDeque<>();
  private boolean cancelled;

  /** Does a bounded piece of work. */
  public Progress step(Clock now, int budget) {
    while (!commands.isEmpty()) {
      cancelled |= commands.poll() instanceof TaskCommand.Cancel;
    }
    return cancelled ? Progress.DONE : Progress.IDLE;
  }

  /** Takes a command; it has its effect in the next step. */
  public void receive(TaskCommand command) {
    commands.add(command);
  }

  /** The monotonic time at which an idle task wants its next step. */
  public long wakeAtMillis() {
    return Long.MAX_VALUE;
  }

  /** Gives up what the task holds. */
  public void close() {
    commands.clear();
  }
}
