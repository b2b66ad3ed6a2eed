package io.millrace.runtime.plan;

import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.List;

/** Class loaders of jobs in this process. May wait. */
public interface UserClasses {
  /** The job's loader, made at the first call; checks each jar's hash. */
  ClassLoader open(JobId job, List<JarRef> jars) throws IOException;

  /** Forgets the job's loader and closes its jars. */
  void release(JobId job);
}
