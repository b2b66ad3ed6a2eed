package io.millrace.standalone;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.hdfs.FileTransfer;
import io.millrace.hdfs.PlacedJob;
import io.millrace.hdfs.Upload;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Contact;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A cluster that people have started, as its owner sees it. */
public final class StandaloneCluster implements RunningCluster {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** After which a JobManager that does not say a word is not asked again to end. */
  private static final Duration SILENCE = Duration.ofSeconds(8);

  private static final long PAUSE_MILLIS = 50;

  private final Configuration configuration;
  private final ClusterFolder folder;
  private final Contact contact;

  private StandaloneCluster(
      Configuration configuration, ClusterIdentity identity, ClusterFolder folder) {
    this.configuration = configuration;
    this.folder = folder;
    this.contact =
        new Contact(
            identity, StandaloneJobManager.clusterName(configuration), PATIENCE, this::situation);
  }

  /**
   * The one that the configuration describes.
   *
   * @throws IOException if its key or its folder cannot be used; the message is one line
   */
  public static StandaloneCluster of(Configuration configuration, KeyFile key) throws IOException {
    return new StandaloneCluster(
        configuration, key.read(), ClusterFolder.of(configuration).impatient());
  }

  @Override
  public String id() {
    return "the cluster " + configuration.get(StandaloneSettings.CLUSTER_ID);
  }

  /** Its folder knows where the JobManager is, whichever of several it is now. */
  @Override
  public Situation situation() throws IOException {
    Optional<ControlAddress> address = folder.address();
    address.ifPresent(at -> contact.isAt(at.host(), at.port()));
    boolean ended = address.isEmpty() && !folder.isStarted();
    return new Situation(
        ended ? Situation.State.FINISHED : Situation.State.RUNNING,
        address.map(at -> at.host() + ":" + at.port()).orElse(""),
        ended ? Situation.Outcome.SUCCEEDED : Situation.Outcome.UNDEFINED,
        ended ? "no JobManager of it has been started; see start-cluster.sh" : "");
  }

  @Override
  public ClusterClient client() {
    return contact.client();
  }

  @Override
  public boolean outlivesJobs() {
    return true;
  }

  @Override
  public Optional<JobResult> result(JobId job) throws IOException {
    return folder.result(job);
  }

  @Override
  public void kill() throws IOException {
    throw new IOException("only people end the cluster by force, with stop-cluster.sh");
  }

  @Override
  public boolean awaitGone(Duration time) {
    return false; // it outlives its jobs
  }

  @Override
  public String cancelCommand(JobId job) {
    return "millrace cancel -t remote " + job;
  }

  @Override
  public String killCommand() {
    return "stop-cluster.sh";
  }

  @Override
  public String settleAdvice() {
    return "if its JobManager has died, jobmanager.sh start goes on with its jobs";
  }

  @Override
  public String logs() {
    return "the folders log of the cluster's hosts";
  }

  @Override
  public String outputs() {
    return "*-taskmanager-*.out in the folders log of the cluster's hosts";
  }

  /**
   * What it was started with, as far as this client knows: it is what the client was told, but for
   * the place of checkpoints, which the cluster says itself.
   *
   * @throws IOException if its folder cannot be read
   */
  public Configuration configuration() throws IOException {
    Optional<String> checkpoints = folder.checkpointsElsewhere();
    return checkpoints.isEmpty()
        ? configuration
        : configuration.with(
            new Configuration(Map.of(JobSettings.CHECKPOINT_DIR.key(), checkpoints.get())));
  }

  /** Where checkpoints of its jobs lie. */
  public CheckpointStore checkpoints() {
    return folder.checkpoints();
  }

  /**
   * Where checkpoints of its jobs lie, for who does not speak with the cluster: needs no key.
   *
   * @throws IOException if its folder cannot be used; the message is one line
   */
  public static CheckpointStore checkpoints(Configuration configuration) throws IOException {
    return ClusterFolder.of(configuration).impatient().checkpoints();
  }

  /** Uploads what the cluster does not have of the job, which can be submitted then. */
  public PlacedJob place(JobSpec job, List<Path> jars) throws IOException {
    FileTransfer files = FileTransfer.of(job.graph().files(), folder.conf());
    var upload = new Upload(folder.jars(), System.currentTimeMillis());
    PlacedJob placed = upload.place(job, jars, files);
    upload.removeUnused(folder::filesInUse);
    return placed;
  }

  /**
   * Has the cluster end its jobs and then its JobManager, and waits for that.
   *
   * @return empty if it has ended, else why not
   */
  public Optional<String> stop(Duration patience) throws InterruptedException {
    long start = System.nanoTime();
    boolean asked = false;
    String obstacle = "";
    while (true) {
      try {
        Situation situation = situation();
        if (situation.ended()) {
          return Optional.empty();
        }
        obstacle = "its jobs have not ended in " + patience.toSeconds() + " s";
        if (!asked) {
          client().stopCluster();
          asked = true;
        }
      } catch (IOException e) {
        obstacle = e.getMessage();
      }
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      if (waited.compareTo(asked ? patience : SILENCE) > 0) {
        return Optional.of(obstacle);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    contact.close();
  }
}
