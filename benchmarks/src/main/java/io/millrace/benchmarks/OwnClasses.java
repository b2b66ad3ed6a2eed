package io.millrace.benchmarks;

import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.util.List;

/** For jobs whose classes are this program's. */
record OwnClasses() implements UserClasses {
  @Override
  public ClassLoader open(JobId job, List<JarRef> jars) {
    return OwnClasses.class.getClassLoader();
  }

  @Override
  public void release(JobId job) {}
}
