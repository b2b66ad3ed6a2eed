package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.PlacedJob;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeployRefusedException;
import java.nio.file.Path;
import java.util.List;

/**
 * A cluster that takes jobs.
 *
 * @param configuration that it was started with
 * @param anew how one with another configuration is started, for people
 */
record JobHost(
    RunningCluster cluster, Configuration configuration, Site site, String anew, Placing placing) {
  /** Brings it what it does not have of a job, which can be submitted then. */
  interface Placing {
    PlacedJob place(JobSpec spec, List<Path> jars) throws DeployRefusedException;
  }
}
