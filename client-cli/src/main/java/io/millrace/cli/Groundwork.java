package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.PrintSink;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.host.Inspection;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.Restored;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What is done for every job of a program, wherever it runs. */
final class Groundwork {
  private final Console console;
  private final Configuration configuration;
  private final PackagedProgram program;
  private final Site site;
  private final SecureRandom random = new SecureRandom();

  Groundwork(Console console, Configuration configuration, PackagedProgram program, Site site) {
    this.console = console;
    this.configuration = configuration;
    this.program = program;
    this.site = site;
  }

  /** Checks what can be checked here of what the job reads, writes and starts from. */
  JobSpec spec(JobGraph graph, JobExecutor.Program live) throws DeployRefusedException {
    Optional<Restored> restore = Restore.find(configuration, site::checkpoint);
    String lineage = restore.map(Restored::lineage).orElseGet(this::hex);
    site.clean(restore.map(Restored::lineage));
    console.reached("what dead applications have left is settled");
    var job = new JobId(hex());
    Inspection.validate(graph, live, job, lineage, program.loader());
    console.reached("inputs and outputs are checked");
    return new JobSpec(job, lineage, graph, List.of(), restore.map(Restored::from));
  }

  /** Opens the job's code as the cluster will do it. */
  void link(JobGraph graph) {
    Inspection.link(graph, program.loader());
    console.reached("the job's code is opened as the cluster will");
  }

  void caution() {
    site.cautions().forEach(caution -> console.warn("Warning: " + caution));
  }

  /**
   * @param inSession whether others may have jobs in the same cluster
   */
  Farewell farewell(JobSpec spec, boolean inSession) {
    return new Farewell(
        console,
        spec.job(),
        inSession,
        configuration.get(ClientSettings.CANCEL_ON_EXIT)
            && configuration.get(ClientSettings.ATTACHED));
  }

  /** The job, once it has been submitted. */
  ClusterJob submitted(
      RunningCluster cluster,
      JobSpec spec,
      boolean inSession,
      JobExecutor.Program live,
      Farewell farewell) {
    console.say("Job has been submitted with JobID " + spec.job());
    return new ClusterJob(
        console,
        cluster,
        spec.job(),
        inSession,
        prints(spec.graph(), live),
        farewell,
        new SavepointErrand(console, configuration));
  }

  private static boolean prints(JobGraph graph, JobExecutor.Program live) {
    return graph.vertices().stream()
        .anyMatch(vertex -> live.connector(vertex) instanceof PrintSink);
  }

  private String hex() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
