package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.TaskCommand;
import java.util.function.BooleanSupplier;

/** A task whose step is given, everything else at rest. */
class ScriptedTask implements Stepped {
  static final ClassLoader LOADER = new ClassLoader(ScriptedTask.class.getClassLoader()) {};

  @Override
  public Progress step(Clock now, int budget, BooleanSupplier over) {
    return Progress.IDLE;
  }

  @Override
  public boolean closesNext() {
    return false;
  }

  @Override
  public void receive(TaskCommand command) {}

  @Override
  public long wakeAtMillis() {
    return Long.MAX_VALUE;
  }

  @Override
  public void close() {}

  @Override
  public String name() {
    return "Scripted";
  }

  @Override
  public ClassLoader loader() {
    return LOADER;
  }
}
