package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.CachedFile;
import io.millrace.api.graph.SlotResources;
import io.millrace.hdfs.FileTransfer;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.PlacedJob;
import io.millrace.hdfs.Upload;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.savepoint.Savepoint;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.client.api.YarnClientApplication;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's side of YARN: starts applications, and finds those of this user. One thread uses it.
 */
public final class YarnDeployer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(YarnDeployer.class);

  private static final String PRIVACY = "privacy";
  private static final String ENCRYPT_TRANSFER = "dfs.encrypt.data.transfer";

  private final YarnConfiguration conf;
  private final Configuration configuration;
  private final Staging staging;
  private final YarnClient yarn;
  private final YarnReports reports;
  private final ClassArchive classArchive;
  private final Consumer<String> reached;

  YarnDeployer(
      YarnConfiguration conf,
      Configuration configuration,
      Staging staging,
      YarnClient yarn,
      ClassArchive classArchive,
      Consumer<String> reached) {
    this.conf = conf;
    this.configuration = configuration;
    this.staging = staging;
    this.yarn = yarn;
    this.reports = new YarnReports(yarn, conf);
    this.classArchive = classArchive;
    this.reached = reached;
  }

  /**
   * Reads Hadoop's configuration; asks no server.
   *
   * @param environment of the process
   */
  public static YarnDeployer open(Configuration configuration, Map<String, String> environment)
      throws DeployRefusedException {
    return open(configuration, environment, phase -> {});
  }

  /**
   * The same.
   *
   * @param reached told, for people, of each phase of a deployment as it ends
   */
  public static YarnDeployer open(
      Configuration configuration, Map<String, String> environment, Consumer<String> reached)
      throws DeployRefusedException {
    YarnConfiguration conf = HadoopSite.load(environment);
    HadoopSite.refuseKerberos(conf);
    Staging staging;
    try {
      staging = Staging.of(configuration, conf);
    } catch (IOException | RuntimeException e) {
      throw new DeployRefusedException(
          "the file system " + conf.get("fs.defaultFS") + " cannot be used", e);
    }
    YarnClient yarn = YarnClient.createYarnClient();
    yarn.init(conf);
    yarn.start();
    reached.accept("Hadoop's configuration is read");
    var archive = ClassArchive.of(environment);
    return new YarnDeployer(conf, configuration, staging, yarn, archive, reached);
  }

  /**
   * What every container of a cluster needs.
   *
   * @param engine jars that those of every cluster need
   * @param further jars that those of this one need as well
   * @param logConfiguration for them, if there is one
   */
  public record Equipment(List<Path> engine, List<Path> further, Optional<Path> logConfiguration) {
    public Equipment {
      engine = List.copyOf(engine);
      further = List.copyOf(further);
    }
  }

  /**
   * What to run.
   *
   * @param spec without its jars
   * @param jars of the program, in order
   */
  public record Job(JobSpec spec, List<Path> jars) {
    public Job {
      jars = List.copyOf(jars);
    }
  }

  /**
   * Checks that the cluster is there and can take the job; changes nothing on it. To be called once
   * before {@link #deploy}.
   *
   * @param stateBackend of the job
   */
  public Prepared prepare(String stateBackend) throws DeployRefusedException {
    return prepare(stateBackend, Map.of());
  }

  /**
   * The same for a job that is known.
   *
   * @param groups what each slot needs, of those slot sharing groups that say so
   */
  public Prepared prepare(String stateBackend, Map<String, SlotResources> groups)
      throws DeployRefusedException {
    ContainerSizes sizes = ContainerSizes.of(configuration, stateBackend);
    Path ship =
        ContainerFiles.shipped(configuration).stream()
            .filter(path -> !Files.exists(path))
            .findFirst()
            .orElse(null);
    if (ship != null) {
      throw new DeployRefusedException(
          "the file to ship does not exist: "
              + ship
              + "; correct the path of -yt ("
              + YarnSettings.SHIP_FILES.key()
              + ")");
    }
    try {
      staging.files().getFileStatus(staging.base());
    } catch (FileNotFoundException e) {
      LOG.debug("{} does not exist yet", staging.base());
    } catch (IOException e) {
      throw new DeployRefusedException(
          "HDFS at "
              + staging.base().toUri().getScheme()
              + "://"
              + staging.base().toUri().getAuthority()
              + " does not answer; is the NameNode running, and fs.defaultFS right?",
          e);
    }
    reached.accept("HDFS answers");
    try {
      YarnClientApplication application = yarn.createApplication();
      Resource most = application.getNewApplicationResponse().getMaximumResourceCapability();
      ClusterChecks.sizes(sizes, most);
      ClusterChecks.groups(groups, sizes, most);
      Optional<String> queue = configuration.find(YarnSettings.QUEUE);
      if (queue.isPresent()) {
        ClusterChecks.queue(queue.get(), yarn, conf);
      }
      ClusterChecks.nodeLabels(configuration, yarn);
      var prepared = new Prepared(application, sizes);
      reached.accept("YARN answers, and names " + prepared.applicationId());
      return prepared;
    } catch (YarnException | IOException e) {
      throw reports.silent(e);
    }
  }

  /** What somebody should know before secrets travel; mostly empty. */
  public List<String> cautions() {
    return cautions(conf);
  }

  static List<String> cautions(org.apache.hadoop.conf.Configuration conf) {
    var readable = new ArrayList<String>();
    var remedies = new ArrayList<String>();
    String rpc = conf.get("hadoop.rpc.protection", "authentication");
    if (!rpc.equals(PRIVACY)) {
      readable.add("hadoop.rpc.protection is " + rpc);
      remedies.add(PRIVACY);
    }
    // The client's key lies in HDFS, and what RPC protects does not cover the blocks of files.
    if (!conf.getBoolean(ENCRYPT_TRANSFER, false)
        && !conf.get("dfs.data.transfer.protection", "").equals(PRIVACY)) {
      readable.add(ENCRYPT_TRANSFER + " is false");
      remedies.add("true");
    }
    return readable.isEmpty()
        ? List.of()
        : List.of(
            String.join(" and ", readable)
                + ": who can read the network between this client, YARN and HDFS can take over"
                + " the application; only "
                + String.join(" and ", remedies)
                + (remedies.size() == 1 ? " encrypts it" : " encrypt it"));
  }

  /** An application that may be submitted. */
  public final class Prepared {
    private final YarnClientApplication application;
    private final ContainerSizes sizes;

    /** Making one takes half as long as all that is checked meanwhile. */
    private final Beside<ClusterIdentity> identity;

    Prepared(YarnClientApplication application, ContainerSizes sizes) {
      this.application = application;
      this.sizes = sizes;
      this.identity = Beside.begin("identity", () -> ClusterIdentity.create(applicationId()));
    }

    YarnClientApplication application() {
      return application;
    }

    private ClusterIdentity identity() throws DeployRefusedException {
      try {
        return identity.get();
      } catch (IOException e) {
        throw new DeployRefusedException("no key can be made for the application", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new DeployRefusedException("the submission was interrupted", e);
      }
    }

    ApplicationId id() {
      return application.getApplicationSubmissionContext().getApplicationId();
    }

    public String applicationId() {
      return id().toString();
    }

    public ContainerSizes sizes() {
      return sizes;
    }
  }

  /**
   * Uploads what the cluster does not have and submits a cluster that runs one job. Leaves nothing
   * of the application behind if it fails.
   *
   * @param submitting told of the application right before YARN is asked to start it: from then on
   *     it may run, whatever becomes of this process
   */
  public Submitted deploy(
      Prepared prepared, Equipment equipment, Job job, Consumer<YarnApplication> submitting)
      throws DeployRefusedException {
    FileTransfer transfer = transfer(job.spec().graph().files(), conf);
    return deploy(
        prepared,
        equipment,
        (upload, files) -> {
          List<JarRef> jars = put(job.jars(), upload, files);
          return new StagedCluster.OneJob(located(job.spec(), jars, upload.put(transfer)));
        },
        submitting);
  }

  /** The same for a cluster that is given its jobs later, and outlives them. */
  public Submitted deploySession(
      Prepared prepared, Equipment equipment, Consumer<YarnApplication> submitting)
      throws DeployRefusedException {
    return deploy(prepared, equipment, (upload, files) -> new StagedCluster.Session(), submitting);
  }

  /**
   * A program whose main() runs in the ApplicationMaster.
   *
   * @param onCluster its jar, if that lies on the cluster's file system already
   * @param jars those of this machine, in order, behind it
   * @param mainClass empty for that of the first jar's manifest
   * @param restore where each of its jobs starts
   */
  public record Program(
      Optional<String> onCluster,
      List<Path> jars,
      Optional<String> mainClass,
      List<String> arguments,
      Optional<Restored> restore) {
    public Program {
      jars = List.copyOf(jars);
      arguments = List.copyOf(arguments);
    }
  }

  /** The same for a cluster that runs a program and ends with it and its jobs. */
  public Submitted deployApplication(
      Prepared prepared, Equipment equipment, Program program, Consumer<YarnApplication> submitting)
      throws DeployRefusedException {
    Optional<JarOnCluster> there =
        program.onCluster().isPresent()
            ? Optional.of(JarOnCluster.at(program.onCluster().get(), conf))
            : Optional.empty();
    return deploy(
        prepared,
        equipment,
        (upload, files) -> {
          var jars = new ArrayList<JarRef>();
          there.ifPresent(
              jar -> {
                jars.add(jar.ref());
                files.add(jar.file());
              });
          jars.addAll(put(program.jars(), upload, files));
          return new StagedCluster.Application(
              jars, program.mainClass(), program.arguments(), program.restore());
        },
        submitting);
  }

  /** What a cluster is started for, once all it needs is uploaded. */
  private interface Purpose {
    StagedCluster.Mode put(Upload upload, List<StagedFile> files) throws IOException;
  }

  private Submitted deploy(
      Prepared prepared, Equipment equipment, Purpose purpose, Consumer<YarnApplication> submitting)
      throws DeployRefusedException {
    String id = prepared.applicationId();
    ClusterIdentity identity = prepared.identity();
    try {
      // Where jobs are kept must be fit for that; refuses what is not.
      new HdfsCheckpointStore(Staging.docket(staging.directory(id)), conf);
      var directory = staging.create(id);
      try {
        var upload = upload();
        StagedCluster staged = staged(upload, equipment, purpose, directory.toString());
        classArchive.digests().keep();
        reached.accept(upload.described());
        byte[] file = staged.toBytes();
        byte[] key = identity.toBytes();
        staging.write(staging.clusterFile(id), file);
        upload.removeUnused(staging::filesInUse); // now that the application names what it uses
        staging.write(new org.apache.hadoop.fs.Path(directory, Staging.CLIENT_KEY), key);
        var application = new YarnApplication(id, identity, yarn, staging).running(staged);
        submitting.accept(application);
        new Submission(yarn, configuration).start(prepared, staged, directory.toString(), key);
        reached.accept("YARN has taken the application");
        return new Submitted(
            application, upload.travelled() + file.length + key.length, upload.known());
      } catch (YarnException | IOException | RuntimeException | DeployRefusedException e) {
        staging.delete(directory);
        throw e;
      }
    } catch (YarnException e) {
      throw new DeployRefusedException("YARN refuses the application", e);
    } catch (IOException e) {
      throw notUploaded("what the application needs", e);
    }
  }

  private Upload upload() throws IOException {
    return new Upload(
        new JarStore(staging.base(), conf), System.currentTimeMillis(), classArchive.digests()::of);
  }

  private DeployRefusedException notUploaded(String what, IOException e) {
    return new DeployRefusedException(what + " cannot be uploaded to " + staging.base(), e);
  }

  /**
   * @param uploadedBytes what had to travel
   * @param knownBytes what the cluster had already
   */
  public record Submitted(YarnApplication application, long uploadedBytes, long knownBytes) {
    /** For people. */
    public String described() {
      return PlacedJob.described(uploadedBytes, knownBytes);
    }
  }

  private StagedCluster staged(
      Upload upload, Equipment equipment, Purpose purpose, String directory) throws IOException {
    List<StagedFile> files = ContainerFiles.put(upload, equipment, configuration);
    SharedClasses shared =
        configuration.get(YarnSettings.CLASS_ARCHIVE)
            ? classArchive.put(
                upload, equipment, ContainerFiles.hadoopClassPath(conf), directory, files)
            : SharedClasses.NONE;
    StagedCluster.Mode mode = purpose.put(upload, files);
    return new StagedCluster(
        configuration.asMap(),
        mode,
        files,
        ContainerFiles.classPath(files, conf),
        shared,
        UserGroupInformation.getCurrentUser().getShortUserName());
  }

  /** YARN brings them with the rest: nodes keep them from one application to the next. */
  private static List<JarRef> put(List<Path> jars, Upload upload, List<StagedFile> files)
      throws IOException {
    var refs = new ArrayList<JarRef>();
    var seen = new TreeSet<String>();
    files.forEach(file -> seen.add(file.link()));
    for (Path jar : jars) {
      JarStore.Stored stored = upload.put(jar);
      String location = "jars/" + stored.sha256() + ".jar";
      refs.add(new JarRef(stored.sha256(), jar.getFileName().toString(), location));
      if (seen.add(location)) {
        files.add(ContainerFiles.staged(location, stored));
      }
    }
    return refs;
  }

  private static JobSpec located(JobSpec spec, List<JarRef> jars, List<FileRef> files) {
    return new JobSpec(spec.job(), spec.lineage(), spec.graph(), jars, files, spec.restoreFrom());
  }

  /** What the YARN cluster has to give: its nodes and queues, a line each. */
  public List<String> resources() throws DeployRefusedException {
    try {
      return ClusterTable.of(yarn);
    } catch (YarnException | IOException e) {
      throw reports.silent(e);
    }
  }

  /** The session of this user whose JobManager listens there now. */
  public Session sessionAt(String host, int port) throws DeployRefusedException {
    for (YarnApplication application : applications()) {
      try (application) {
        if (application.listensAt(host, port)) {
          return session(application.id());
        }
      } catch (IOException e) {
        throw reports.silent(e);
      }
    }
    throw new DeployRefusedException(
        "no JobManager of yours on YARN listens at "
            + host
            + ":"
            + port
            + "; a session's moves when it is started again, so name the session: -yid and its"
            + " application id");
  }

  /** A session of this user that lives. */
  public Session session(String id) throws DeployRefusedException {
    YarnApplication application = application(id, true);
    try {
      if (!application.isSession()) {
        throw new DeployRefusedException(
            application.id()
                + " is the cluster of one job or program and takes no other; start a session with"
                + " yarn-session.sh -d");
      }
      return new Session(application, new Configuration(application.cluster().configuration()));
    } catch (IOException e) {
      application.close();
      throw new DeployRefusedException("cannot read what " + id + " has staged", e);
    } catch (DeployRefusedException e) {
      application.close();
      throw e;
    }
  }

  /** A cluster that takes jobs. */
  public final class Session {
    private final YarnApplication application;
    private final Configuration settings;

    Session(YarnApplication application, Configuration settings) {
      this.application = application;
      this.settings = settings;
    }

    public YarnApplication application() {
      return application;
    }

    /** That it was started with. */
    public Configuration configuration() {
      return settings;
    }

    /**
     * Uploads what the cluster does not have of the job, which can be submitted then. Refuses one
     * with slots for which YARN has no container.
     */
    public PlacedJob place(JobSpec spec, List<Path> jars) throws DeployRefusedException {
      check(spec.graph().slots());
      FileTransfer transfer = transfer(spec.graph().files(), conf);
      try {
        PlacedJob placed = upload().place(spec, jars, transfer);
        classArchive.digests().keep();
        return placed;
      } catch (IOException e) {
        throw notUploaded("the job", e);
      }
    }

    private void check(Map<String, SlotResources> groups) throws DeployRefusedException {
      if (groups.isEmpty()) {
        return;
      }
      try {
        // YARN says it to those who might start an application, and to nobody else.
        Resource most =
            yarn.createApplication().getNewApplicationResponse().getMaximumResourceCapability();
        String stateBackend = settings.get(JobSettings.STATE_BACKEND);
        ClusterChecks.groups(groups, ContainerSizes.of(settings, stateBackend), most);
      } catch (YarnException | IOException e) {
        throw reports.silent(e);
      }
    }
  }

  static FileTransfer transfer(List<CachedFile> files, org.apache.hadoop.conf.Configuration conf)
      throws DeployRefusedException {
    try {
      return FileTransfer.of(files, conf);
    } catch (FileTransfer.UnusableException e) {
      throw new DeployRefusedException(e.getMessage());
    }
  }

  /** The applications of this user that live, with the key to each. */
  public List<YarnApplication> applications() throws DeployRefusedException {
    var found = new ArrayList<YarnApplication>();
    try {
      for (FileStatus status : staging.applications()) {
        String id = status.getPath().getName();
        Optional<ApplicationReport> report = reports.of(YarnApplication.parse(id));
        if (report.isPresent() && YarnApplication.lives(report.get())) {
          try {
            found.add(keyed(id));
          } catch (FileNotFoundException e) {
            LOG.debug("{} ended meanwhile", id);
          }
        }
      }
      return found;
    } catch (IOException e) {
      throw new DeployRefusedException("the applications of this user cannot be listed", e);
    }
  }

  /** One application of this user. */
  public YarnApplication application(String id, boolean mustLive) throws DeployRefusedException {
    ApplicationId application = YarnApplication.parse(id);
    Optional<ApplicationReport> report = reports.of(application);
    if (report.isEmpty()) {
      throw new DeployRefusedException(
          "YARN does not know " + id + "; yarn application -list shows those that it knows");
    }
    if (mustLive && !YarnApplication.lives(report.get())) {
      throw new DeployRefusedException(
          id + " has ended: " + report.get().getFinalApplicationStatus());
    }
    try {
      return keyed(application.toString());
    } catch (FileNotFoundException e) {
      throw new DeployRefusedException(
          id + " left no key in " + staging.base() + "; is it an application of yours?");
    } catch (IOException e) {
      throw new DeployRefusedException("cannot read the key of " + id, e);
    }
  }

  private YarnApplication keyed(String id) throws IOException {
    byte[] key =
        staging.read(new org.apache.hadoop.fs.Path(staging.directory(id), Staging.CLIENT_KEY));
    return new YarnApplication(id, ClusterIdentity.fromBytes(key), yarn, staging);
  }

  /** What applications of this user left that have ended by force. */
  public DeadApplications deadApplications() {
    return new DeadApplications(staging, conf, reports);
  }

  /**
   * Reads the checkpoint that a job shall start from.
   *
   * @param path of its manifest, or of its job's directory for the newest
   */
  public Savepoint checkpoint(String path) throws DeployRefusedException {
    try {
      return Savepoint.load(
          new HdfsCheckpointStore(staging.checkpoints(configuration), conf), path);
    } catch (FileNotFoundException e) {
      throw new DeployRefusedException(
          "there is no checkpoint at " + path + "; give the path that the failed job printed");
    } catch (CheckpointStore.CorruptStateException e) {
      throw new DeployRefusedException(e.getMessage());
    } catch (IOException | RuntimeException e) {
      throw new DeployRefusedException("the checkpoint at " + path + " cannot be read", e);
    }
  }

  @Override
  public void close() {
    yarn.stop();
  }
}
