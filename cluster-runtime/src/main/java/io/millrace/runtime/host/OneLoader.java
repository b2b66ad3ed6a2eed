package io.millrace.runtime.host;

import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.util.List;

/** For programs that run where they were written: their classes are here already. */
record OneLoader(ClassLoader loader) implements UserClasses {
  @Override
  public ClassLoader open(JobId job, List<JarRef> jars) {
    return loader;
  }

  @Override
  public void release(JobId job) {}
}
