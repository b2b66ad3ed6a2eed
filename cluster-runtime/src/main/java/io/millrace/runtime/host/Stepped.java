package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import java.util.function.BooleanSupplier;

/** What a slot's thread knows of a task. */
interface Stepped {
  /**
   * Works for a while, never waits.
   *
   * @param over whether that is enough, whatever the budget
   */
  Progress step(Clock now, int budget, BooleanSupplier over);

  /** Whether the next step only closes what there is; nothing is to interrupt that. */
  boolean closesNext();

  void receive(TaskCommand command);

  /** The monotonic time at which the next step is due though nobody wakes the thread. */
  long wakeAtMillis();

  void close();

  /** The operators whose code a step runs, for people. */
  String name();

  /** The context class loader that the task's code expects. */
  ClassLoader loader();

  static Stepped of(Task task) {
    return new Stepped() {
      @Override
      public Progress step(Clock now, int budget, BooleanSupplier over) {
        return task.step(now, budget, over);
      }

      @Override
      public boolean closesNext() {
        return task.closesNext();
      }

      @Override
      public void receive(TaskCommand command) {
        task.receive(command);
      }

      @Override
      public long wakeAtMillis() {
        return task.wakeAtMillis();
      }

      @Override
      public void close() {
        task.close();
      }

      @Override
      public String name() {
        return task.name();
      }

      @Override
      public ClassLoader loader() {
        return task.loader();
      }
    };
  }
}
