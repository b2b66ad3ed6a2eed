package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.graph.JobGraph;
import io.millrace.hdfs.PlacedJob;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeployRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session as a place for jobs, which outlives them and may run those of others. */
final class Tenancy implements Place {
  private static final Logger LOG = LoggerFactory.getLogger(Tenancy.class);

  /** How long a JobManager may be missing that has to take a job. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final JobHost host;
  private final Configuration mine;
  private final PackagedProgram program;
  private final Groundwork groundwork;

  /**
   * @param mine what the command was told; the cluster's own configuration lies beneath it
   */
  Tenancy(Console console, JobHost host, Configuration mine, PackagedProgram program) {
    this.console = console;
    this.host = host;
    this.mine = mine;
    this.program = program;
    this.groundwork = new Groundwork(console, settings(), program, host.site());
  }

  private RunningCluster cluster() {
    return host.cluster();
  }

  @Override
  public Configuration settings() {
    return beneath(host.configuration(), mine);
  }

  /** What the command was told of itself that started a session holds for no run in it. */
  static Configuration beneath(Configuration ofSession, Configuration mine) {
    var theirs = new TreeMap<>(ofSession.asMap());
    for (Setting<?> setting : ClientSettings.all()) {
      theirs.remove(setting.key());
      setting.olderKeys().forEach(theirs::remove);
    }
    return new Configuration(theirs).with(mine);
  }

  @Override
  public ClusterJob start(
      JobGraph graph, JobExecutor.Program live, String stateBackend, ClientArchive archive)
      throws DeployRefusedException, InterruptedException {
    groundwork.link(graph);
    check(stateBackend);
    JobSpec spec = groundwork.spec(complete(graph), live);
    groundwork.caution();
    archive.begin();
    Farewell farewell = groundwork.farewell(spec, true);
    submit(spec, farewell);
    return groundwork.submitted(cluster(), spec, true, live, farewell);
  }

  /** The job with what this command was told of it: its JobManager was told something else. */
  private JobGraph complete(JobGraph graph) {
    var settings = new TreeMap<String, String>();
    for (Setting<?> setting : JobSettings.all()) {
      // Where checkpoints lie is the session's business.
      if (mine.has(setting) && setting != JobSettings.CHECKPOINT_DIR) {
        String value = mine.asMap().get(setting.key());
        for (String older : setting.olderKeys()) {
          value = value != null ? value : mine.asMap().get(older);
        }
        settings.put(setting.key(), value);
      }
    }
    settings.putAll(graph.settings());
    return new JobGraph(
        graph.name(), graph.vertices(), graph.edges(), settings, graph.files(), graph.slots());
  }

  /** Refuses a job that needs what the session's containers do not have. */
  private void check(String stateBackend) {
    String there = host.configuration().get(JobSettings.STATE_BACKEND);
    if (stateBackend.equals("rocksdb") && !there.equals("rocksdb")) {
      throw new CommandException(
          "the job keeps its state in rocksdb, for which the containers of "
              + cluster().id()
              + " have no memory: it was started with "
              + JobSettings.STATE_BACKEND.key()
              + ": "
              + there
              + "; start one with -D "
              + JobSettings.STATE_BACKEND.key()
              + "=rocksdb by "
              + host.anew());
    }
    var checkpoints = mine.find(JobSettings.CHECKPOINT_DIR);
    var theirs = host.configuration().find(JobSettings.CHECKPOINT_DIR);
    if (checkpoints.isPresent() && !checkpoints.equals(theirs)) {
      console.warn(
          "Warning: "
              + JobSettings.CHECKPOINT_DIR.key()
              + " has no effect: "
              + cluster().id()
              + " keeps checkpoints "
              + theirs.map(folder -> "in " + folder).orElse("beside its staging directory"));
    }
  }

  /**
   * Returns once the session has accepted the job, which is durable then. It may have no JobManager
   * for a while.
   */
  private void submit(JobSpec spec, Farewell farewell)
      throws DeployRefusedException, InterruptedException {
    PlacedJob placed = host.placing().place(spec, program.jars());
    console.reached(placed.described());
    boolean accepted = false;
    try {
      farewell.submitting(cluster());
      console.say(placed.described());
      hand(placed.spec());
      farewell.submitted();
      accepted = true;
    } finally {
      if (!accepted) {
        farewell.over();
      }
    }
  }

  private void hand(JobSpec spec) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean told = false;
    while (true) {
      String trouble = "it has no JobManager";
      try {
        Situation situation = cluster().situation();
        if (situation.ended()) {
          throw new CommandException(cluster().id() + " has ended: " + situation.outcome());
        }
        if (situation.reachable()) {
          cluster().client().submit(spec);
          console.reached("the JobManager has accepted the job");
          console.say("Submitted to " + cluster().id());
          return;
        }
      } catch (RequestRefusedException e) {
        throw new CommandException(cluster().id() + " refuses the job: " + e.getMessage());
      } catch (IOException e) {
        LOG.info("{}: {}", cluster().id(), e.toString()); // it may be moving
        trouble = e.getMessage();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new CommandException(
            "whether "
                + cluster().id()
                + " has accepted job "
                + spec.job()
                + " is not known, for it does not answer: "
                + trouble
                + "; millrace list shows its jobs once it does");
      }
      if (!told) {
        told = true;
        console.warn("Waiting for the JobManager of " + cluster().id() + ": " + trouble);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    cluster().close();
  }
}
