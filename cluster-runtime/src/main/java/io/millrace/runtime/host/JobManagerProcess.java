package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.Epoch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A JobManager with everything that it needs in a process of its own. Opened first, so that its
 * control port is known; started once there is a ResourceManager. The ResourceManager decides when
 * the process ends, see {@link ResourceManager#finish}, unless an invariant breaks.
 */
public final class JobManagerProcess implements AutoCloseable {
  private static final Address RESOURCES = new Address("resources");

  private final Setup setup;
  private final ProcessEnd.Awaited end = new ProcessEnd.Awaited();
  private final Switchboard switchboard = new Switchboard();
  private final SystemEnv env;
  private final ControlServer server;

  /**
   * What a JobManager is told at its start.
   *
   * @param attempt of this process, higher than that of any JobManager of the application before
   * @param host under which TaskManagers reach this one
   * @param bindHost address to listen on; empty for all
   * @param controlPort 0 for any
   * @param docket directory that keeps what the cluster was given, if it outlives its jobs
   */
  public record Setup(
      ClusterIdentity identity,
      String applicationId,
      int attempt,
      String host,
      String bindHost,
      int controlPort,
      CheckpointStore store,
      UserClasses classes,
      Configuration configuration,
      JobManager.Lifetime lifetime,
      Optional<String> docket,
      Lease lease) {}

  /**
   * Opens the control port; what arrives waits until {@link #start}.
   *
   * @throws IOException if the port cannot be opened
   */
  public static JobManagerProcess open(Setup setup) throws IOException {
    return new JobManagerProcess(setup);
  }

  private JobManagerProcess(Setup setup) throws IOException {
    this.setup = setup;
    this.env =
        new SystemEnv(
            "jobmanager", switchboard.from(Address.JOB_MANAGER), SystemEnv.DEADLINES, end::broken);
    switchboard.plug(Address.JOB_MANAGER, env);
    this.server =
        new ControlServer(
            setup.identity(),
            setup.applicationId(),
            setup.bindHost(),
            setup.controlPort(),
            new Epoch(setup.attempt(), 0),
            TransportLimits.DEFAULT,
            env);
    switchboard.beyond(server);
  }

  public int controlPort() {
    return server.port();
  }

  /** Brings the ResourceManager's events to the JobManager; any thread, also before the start. */
  public Consumer<ResourceManager.Event> events() {
    return event -> env.deliver(RESOURCES, event);
  }

  /** Lets the JobManager begin. Called once. */
  public JobManagerProcess start(ResourceManager resources) {
    env.start(
        new JobManager(
            new JobManager.Setup(
                setup.applicationId(),
                setup.attempt(),
                Optional.of(new JobManager.Control(setup.host(), server.port())),
                setup.configuration(),
                setup.lifetime(),
                setup.docket(),
                setup.lease()),
            resources,
            setup.store(),
            setup.classes()));
    return this;
  }

  /** A client inside this process, such as for the job that it was started for. */
  public ClusterClient client(Duration deadline) {
    return switchboard.client(deadline, () -> "the JobManager of this process is busy or gone");
  }

  /** Makes failures of the JVM itself end this process too; for the process's main only. */
  public JobManagerProcess watchThreads() {
    end.watchThreads();
    return this;
  }

  /** Lets {@link #await} return; called by the ResourceManager when all is done. */
  public void end(String reason) {
    end.ordered(reason);
  }

  /** Waits until the process shall end. */
  public ProcessEnd await() throws InterruptedException {
    return end.await();
  }

  /** Stops everything where it is. */
  @Override
  public void close() {
    end.ordered("closed");
    env.close();
    server.close();
  }
}
