package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.PrintSink;
import io.millrace.runtime.client.PromisedJob;
import io.millrace.runtime.host.Inspection;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeadApplications;
import io.millrace.yarn.DeadApplications.Cleaned;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.Restored;
import io.millrace.yarn.YarnDeployer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Runs the jobs of a program, each as an application of its own, or all in a session. Everything
 * that can be found out here is found out before anything is uploaded.
 */
final class ClusterExecutor implements JobExecutor, AutoCloseable {
  private static final int FIRST = 100;

  private final Console console;
  private final Configuration configuration;
  private final PackagedProgram program;
  private final Distribution distribution;
  private final YarnDeployer deployer;
  private final Optional<Tenancy> session;
  private final List<ClusterJob> jobs = new CopyOnWriteArrayList<>();
  private final SecureRandom random = new SecureRandom();
  private volatile CommandException refusal;
  private volatile boolean submitting;

  ClusterExecutor(
      Console console,
      Configuration configuration,
      PackagedProgram program,
      Distribution distribution,
      YarnDeployer deployer,
      Optional<YarnDeployer.Session> session) {
    this.console = console;
    this.session = session.map(each -> new Tenancy(console, each, configuration));
    this.configuration = this.session.map(Tenancy::settings).orElse(configuration);
    this.program = program;
    this.distribution = distribution;
    this.deployer = deployer;
  }

  @Override
  public int priority() {
    return FIRST;
  }

  @Override
  public Map<String, String> defaults() {
    return configuration.asMap();
  }

  /** Why a job was not submitted, if one was not. */
  Optional<CommandException> refusal() {
    return Optional.ofNullable(refusal);
  }

  int submitted() {
    return jobs.size();
  }

  /** Whether a job was submitted or is being submitted; asked by any thread. */
  boolean mayHaveJob() {
    return submitting || !jobs.isEmpty();
  }

  /** Waits for the jobs that the program itself did not wait for; whether all went well. */
  boolean awaitRest() {
    boolean well = true;
    for (ClusterJob job : jobs) {
      try {
        job.await();
      } catch (JobClient.JobFailedException e) {
        well = false; // told already
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return well;
  }

  @Override
  public void close() {
    jobs.forEach(ClusterJob::close);
    session.ifPresent(Tenancy::close);
  }

  @Override
  public JobClient submit(JobGraph graph, Program live) throws InterruptedException {
    submitting = true;
    try {
      ClientArchive archive = ClientArchive.waiting(console.environment());
      ClusterJob job = start(graph, live, archive);
      jobs.add(job);
      job.started(!configuration.get(ClientSettings.ATTACHED));
      // Not before: it takes seconds, and the user knows the application and may interrupt now.
      archive.await();
      return new PromisedJob(job);
    } catch (CommandException e) {
      refusal = e;
      throw e;
    } catch (DeployRefusedException | Inspection.RefusedException e) {
      refusal = new CommandException(e.getMessage());
      throw refusal;
    } catch (LinkageError e) {
      Optional<String> remedy = MissingHadoop.remedy(e, console.environment());
      if (remedy.isPresent()) {
        refusal = new CommandException(remedy.get());
        throw refusal;
      }
      throw e;
    } finally {
      submitting = false;
    }
  }

  private ClusterJob start(JobGraph graph, Program live, ClientArchive archive)
      throws DeployRefusedException, InterruptedException {
    String stateBackend =
        Inspection.plan(graph, configuration).settings().get(JobSettings.STATE_BACKEND);
    if (session.isPresent()) {
      Inspection.link(graph, program.loader());
      session.get().check(stateBackend);
      return startInSession(graph, live, archive, session.get());
    }
    List<Path> further = distribution.stateBackend(stateBackend);
    Inspection.link(graph, program.loader());
    YarnDeployer.Prepared prepared = deployer.prepare(stateBackend);
    JobSpec spec = spec(graph, live);
    prepared.sizes().described().forEach(console::say);
    deployer.cautions().forEach(caution -> console.warn("Warning: " + caution));
    archive.begin();
    Farewell farewell = farewell(spec, false);
    YarnDeployer.Submitted submitted = deploy(prepared, spec, further, farewell);
    console.say(submitted.described());
    console.say("Submitted application " + submitted.application().id());
    console.say("Job has been submitted with JobID " + spec.job());
    return new ClusterJob(
        console,
        submitted.application(),
        spec.job(),
        false,
        prints(graph, live),
        farewell,
        new SavepointErrand(console, configuration));
  }

  private ClusterJob startInSession(
      JobGraph graph, Program live, ClientArchive archive, Tenancy tenancy)
      throws DeployRefusedException, InterruptedException {
    JobSpec spec = spec(tenancy.complete(graph), live);
    deployer.cautions().forEach(caution -> console.warn("Warning: " + caution));
    archive.begin();
    Farewell farewell = farewell(spec, true);
    tenancy.submit(new YarnDeployer.Job(spec, program.jars()), farewell);
    console.say("Job has been submitted with JobID " + spec.job());
    return new ClusterJob(
        console,
        tenancy.application(),
        spec.job(),
        true,
        prints(graph, live),
        farewell,
        new SavepointErrand(console, configuration));
  }

  private Farewell farewell(JobSpec spec, boolean inSession) {
    return new Farewell(
        console,
        spec.job(),
        inSession,
        configuration.get(ClientSettings.CANCEL_ON_EXIT)
            && configuration.get(ClientSettings.ATTACHED));
  }

  private static boolean prints(JobGraph graph, Program live) {
    return graph.vertices().stream()
        .anyMatch(vertex -> live.connector(vertex) instanceof PrintSink);
  }

  /** Checks what can be checked here of what the job reads, writes and starts from. */
  private JobSpec spec(JobGraph graph, Program live) throws DeployRefusedException {
    Optional<Restored> restore = Restore.find(configuration, deployer);
    String lineage = restore.map(Restored::lineage).orElseGet(this::hex);
    DeadApplications dead = deployer.deadApplications();
    Cleaned cleaned = dead.clean();
    cleaned.settled().forEach(console::warn);
    cleaned.failed().forEach(console::warn);
    if (restore.isPresent()) {
      dead.checkNoneRuns(lineage);
    }
    var job = new JobId(hex());
    Inspection.validate(graph, live, job, lineage, program.loader());
    return new JobSpec(job, lineage, graph, List.of(), restore.map(Restored::from));
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

  private String hex() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
