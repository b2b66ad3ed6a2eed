package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.nio.file.Path;
import java.util.List;

/** Each job on YARN in an application of its own. */
final class OwnClusters implements Place {
  private final Console console;
  private final Configuration configuration;
  private final PackagedProgram program;
  private final Distribution distribution;
  private final YarnDeployer deployer;
  private final Groundwork groundwork;

  OwnClusters(
      Console console,
      Configuration configuration,
      PackagedProgram program,
      Distribution distribution,
      YarnDeployer deployer) {
    this.console = console;
    this.configuration = configuration;
    this.program = program;
    this.distribution = distribution;
    this.deployer = deployer;
    this.groundwork =
        new Groundwork(console, configuration, program, new YarnSite(console, deployer));
  }

  @Override
  public Configuration settings() {
    return configuration;
  }

  @Override
  public ClusterJob start(
      JobGraph graph, JobExecutor.Program live, String stateBackend, ClientArchive archive)
      throws DeployRefusedException {
    List<Path> further = distribution.stateBackend(stateBackend);
    groundwork.link(graph);
    YarnDeployer.Prepared prepared = deployer.prepare(stateBackend, graph.slots());
    JobSpec spec = groundwork.spec(graph, live);
    prepared.sizes().described().forEach(console::say);
    groundwork.caution();
    archive.begin();
    Farewell farewell = groundwork.farewell(spec, false);
    YarnDeployer.Submitted submitted = deploy(prepared, spec, further, farewell);
    console.say(submitted.described());
    console.say("Submitted application " + submitted.application().id());
    return groundwork.submitted(submitted.application(), spec, false, live, farewell);
  }

  private YarnDeployer.Submitted deploy(
      YarnDeployer.Prepared prepared, JobSpec spec, List<Path> further, Farewell farewell)
      throws DeployRefusedException {
    boolean submitted = false;
    try {
      YarnDeployer.Submitted result =
          deployer.deploy(
              prepared,
              distribution.equipment(further),
              new YarnDeployer.Job(spec, program.jars()),
              farewell::submitting);
      farewell.submitted();
      submitted = true;
      return result;
    } finally {
      if (!submitted) {
        farewell.over();
      }
    }
  }

  @Override
  public void close() {}
}
