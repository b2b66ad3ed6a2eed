package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.JobGraph;
import io.millrace.hdfs.FileTransfer;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.Upload;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.host.JobManagerProcess;
import io.millrace.runtime.host.ProcessEnd;
import io.millrace.runtime.host.RollingOutput;
import io.millrace.runtime.host.UserProgram;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.Credentials;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.ApplicationConstants.Environment;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ApplicationMaster's process: the JobManager of one job, of a session, or of a program, whose
 * main() runs here then. Its only argument is the staging directory of the application.
 */
public final class YarnJobManager {
  private static final Logger LOG = LoggerFactory.getLogger(YarnJobManager.class);
  private static final Duration ANSWER = Duration.ofMinutes(1);
  private static final Duration FAREWELL = Duration.ofSeconds(10);
  private static final int START_FAILED = 1;
  private static final int BROKEN = 2;

  private final Map<String, String> environment;
  private final Path stagingDirectory;
  private final JvmLeaving leaving = new JvmLeaving();
  private final YarnConfiguration conf = new YarnConfiguration();

  private YarnJobManager(Map<String, String> environment, String stagingDirectory) {
    this.environment = environment;
    this.stagingDirectory = new Path(stagingDirectory);
  }

  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("usage: YarnJobManager <staging directory>");
      System.exit(START_FAILED);
    }
    try {
      RollingOutput.install(System.getProperty("millrace.log.file"));
      new YarnJobManager(System.getenv(), arguments[0]).start();
    } catch (Exception | LinkageError e) {
      LOG.error("The JobManager could not start", e);
      System.err.println("The JobManager could not start: " + e + "; its log has the stack trace");
      System.exit(START_FAILED);
    }
  }

  private void start() throws Exception {
    ContainerId container = ContainerId.fromString(variable(Environment.CONTAINER_ID.key()));
    int attempt = container.getApplicationAttemptId().getAttemptId();
    String application = container.getApplicationAttemptId().getApplicationId().toString();
    String host = variable(Environment.NM_HOST.key());
    LOG.info("JobManager of {}, attempt {}, on {}", application, attempt, host);

    byte[] key = identity();
    // Beside what follows, which has as many classes of its own to load.
    var clients = CompletableFuture.supplyAsync(() -> YarnResourceManager.Clients.start(conf));
    FileSystem files = stagingDirectory.getFileSystem(conf);
    StagedCluster cluster =
        StagedCluster.fromBytes(
            Staging.read(files, new Path(stagingDirectory, StagedCluster.FILE)));
    var configuration = new Configuration(cluster.configuration());
    ContainerSizes sizes =
        ContainerSizes.of(
            configuration,
            configuration
                .with(
                    cluster
                        .job()
                        .map(job -> new Configuration(job.graph().settings()))
                        .orElse(Configuration.EMPTY))
                .get(JobSettings.STATE_BACKEND));
    LOG.info("Configuration: {}", configuration);
    LOG.info("Memory of this container: {}", sizes.jobManager());

    Lease lease = lease(conf);
    LOG.info("Fences itself after {} without a witness", lease.silence());
    JobManagerProcess process =
        JobManagerProcess.open(
            new JobManagerProcess.Setup(
                ClusterIdentity.fromBytes(key),
                application,
                attempt,
                host,
                "",
                0,
                store(configuration, stagingDirectory, conf),
                classes(conf),
                configuration,
                lifetime(cluster.mode()),
                cluster.job().isPresent()
                    ? Optional.empty()
                    : Optional.of(Staging.docket(stagingDirectory).toString()),
                lease));
    var resources =
        new YarnResourceManager(
            clients.get(), configuration, sizes, lease, process.events(), this::end);
    process.start(resources).watchThreads();
    if (cluster.mode() instanceof StagedCluster.OneJob job) {
      submit(process, job.spec());
    } else if (cluster.mode() instanceof StagedCluster.Application program) {
      run(process, program, application, configuration);
    }
    register(resources, host, process.controlPort(), cluster, sizes, application, key);
    ProcessEnd broken = process.await();
    LOG.error("The JobManager is broken: {}", broken.reason());
    leaving.exit(BROKEN);
  }

  private static JobManager.Lifetime lifetime(StagedCluster.Mode mode) {
    if (mode instanceof StagedCluster.OneJob) {
      return JobManager.Lifetime.PER_JOB;
    }
    return mode instanceof StagedCluster.Application
        ? JobManager.Lifetime.APPLICATION
        : JobManager.Lifetime.SESSION;
  }

  /** Beside the JobManager, in a thread of its own. */
  private void run(
      JobManagerProcess process,
      StagedCluster.Application program,
      String application,
      Configuration configuration) {
    Path base = stagingDirectory.getParent();
    var all =
        new ProgramExecutor.Cluster(
            application, configuration, program.jars(), program.restore(), filesIn(base));
    var main =
        new Thread(
            () -> {
              try (ClusterClient client = process.client(ANSWER)) {
                new ProgramRun(all, client, program.arguments(), () -> open(program), leaving)
                    .run();
              } catch (InterruptedException e) {
                LOG.info("The thread of main() was interrupted and ends");
              }
            },
            "main");
    main.setDaemon(true);
    main.start();
  }

  private ProgramExecutor.Files filesIn(Path base) {
    return new ProgramExecutor.Files() {
      @Override
      public List<FileRef> put(JobGraph graph) throws IOException {
        FileTransfer transfer = FileTransfer.of(graph.files(), conf);
        return new Upload(new JarStore(base, conf), System.currentTimeMillis()).put(transfer);
      }

      @Override
      public boolean reachable() {
        var probe = new Path(stagingDirectory, "probe");
        try (FSDataOutputStream out = base.getFileSystem(conf).create(probe, true)) {
          out.write(0); // a NameNode in safe mode, and one without DataNodes, answer questions
          return true;
        } catch (AccessControlException e) {
          return true;
        } catch (IOException e) {
          return false;
        }
      }
    };
  }

  /** In a class loader like those of its jobs. */
  private static UserProgram open(StagedCluster.Application program)
      throws IOException, UserProgram.UnusableException {
    JarRef jar = program.jars().get(0);
    var local = java.nio.file.Path.of(jar.location());
    ClassLoader loader =
        new JarClasses(YarnJobManager.class.getClassLoader())
            .open(new JobId("0".repeat(32)), program.jars());
    Optional<String> name =
        program.mainClass().isPresent() ? program.mainClass() : UserProgram.mainClassOf(local);
    if (name.isEmpty()) {
      throw new IOException(
          "the manifest of " + jar.name() + " names no Main-Class; say which class to run with -c");
    }
    return UserProgram.of(name.get(), loader, jar.name());
  }

  /** Of a JVM that main() is ending: only a halt gets through then. */
  private final class JvmLeaving implements ProgramRun.Leaving {
    private volatile boolean begun;

    @Override
    public void begin() {
      begun = true;
    }

    @Override
    public void halt() throws InterruptedException {
      // If no job runs, the JobManager tells YARN of the end meanwhile, and halts the JVM itself.
      Thread.sleep(FAREWELL.toMillis());
      Runtime.getRuntime().halt(BROKEN);
    }

    /** Ends the process with this code. */
    void exit(int code) {
      if (begun) {
        Runtime.getRuntime().halt(code);
      }
      System.exit(code);
    }
  }

  /** As long as the cluster's YARN leaves an ApplicationMaster that it does not hear. */
  static Lease lease(YarnConfiguration conf) {
    long expiryMillis =
        conf.getLong(
            YarnConfiguration.RM_AM_EXPIRY_INTERVAL_MS,
            YarnConfiguration.DEFAULT_RM_AM_EXPIRY_INTERVAL_MS);
    return expiryMillis > 0 ? Lease.ofExpiry(Duration.ofMillis(expiryMillis)) : Lease.DEFAULT;
  }

  private void register(
      YarnResourceManager resources,
      String host,
      int port,
      StagedCluster cluster,
      ContainerSizes sizes,
      String application,
      byte[] key)
      throws IOException, YarnException {
    resources.register(
        host,
        port,
        (made, each) ->
            ContainerLaunch.ofTaskManager(
                cluster, made, each, host, port, application, stagingDirectory.toString(), key));
    LOG.info("Registered with YARN; control port {}:{}", host, port);
  }

  private static void submit(JobManagerProcess process, JobSpec job)
      throws IOException, InterruptedException {
    try (ClusterClient client = process.client(ANSWER)) {
      client.submit(job);
    }
  }

  /** Of jars that YARN has put here, and of those that a session's jobs bring later. */
  static JarClasses classes(YarnConfiguration conf) {
    return new JarClasses(
        YarnJobManager.class.getClassLoader(),
        new HdfsOrigin(conf),
        // In the container's own directory, which YARN deletes with the container.
        java.nio.file.Path.of("fetched"));
  }

  /** Where jobs keep their checkpoints: as configured, else beside the staging directories. */
  static HdfsCheckpointStore store(
      Configuration configuration, Path stagingDirectory, YarnConfiguration conf)
      throws IOException {
    return new HdfsCheckpointStore(
        Staging.checkpoints(configuration, stagingDirectory.getParent()), conf);
  }

  /** The key that the client put into YARN's credentials. */
  static byte[] identity() throws IOException {
    Credentials credentials = UserGroupInformation.getCurrentUser().getCredentials();
    byte[] key = credentials.getSecretKey(ContainerLaunch.IDENTITY);
    if (key == null) {
      throw new IOException(
          "the container's credentials hold no key of the application; was it started by the"
              + " millrace command?");
    }
    return key;
  }

  private String variable(String name) throws IOException {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new IOException("the variable " + name + " is not set; only YARN can start this");
    }
    return value;
  }

  private void end(int code, boolean over) {
    if (over) {
      try {
        stagingDirectory.getFileSystem(conf).delete(stagingDirectory, true);
      } catch (IOException e) {
        LOG.warn("{} is left behind; the next millrace run removes it", stagingDirectory, e);
      }
    }
    LOG.info("The JobManager ends with code {}", code);
    leaving.exit(code);
  }
}
