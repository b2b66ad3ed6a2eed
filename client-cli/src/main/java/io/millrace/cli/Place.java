package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.yarn.DeployRefusedException;

/** Where the jobs of a program run. */
interface Place extends AutoCloseable {
  /** What holds for a job there, before it says something itself. */
  Configuration settings();

  /**
   * Submits a job whose plan is sound.
   *
   * @param archive begun once the job is about to be submitted
   */
  ClusterJob start(
      JobGraph graph, JobExecutor.Program live, String stateBackend, ClientArchive archive)
      throws DeployRefusedException, InterruptedException;

  @Override
  void close();
}
