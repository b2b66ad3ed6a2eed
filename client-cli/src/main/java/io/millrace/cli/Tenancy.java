package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import io.millrace.api.graph.JobGraph;
import io.millrace.hdfs.PlacedJob;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.io.IOException;
import java.time.Duration;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session as a place for jobs, which outlives them and may run those of others. */
final class Tenancy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tenancy.class);

  /** How long a JobManager may be missing that has to take a job. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final YarnDeployer.Session session;
  private final Configuration mine;

  /**
   * @param mine what the command was told; the session's own configuration lies beneath it
   */
  Tenancy(Console console, YarnDeployer.Session session, Configuration mine) {
    this.console = console;
    this.session = session;
    this.mine = mine;
  }

  RunningCluster application() {
    return session.application();
  }

  /** What holds for a job here, before it says something itself. */
  Configuration settings() {
    return beneath(session.configuration(), mine);
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

  /** The job with what this command was told of it: its JobManager was told something else. */
  JobGraph complete(JobGraph graph) {
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
    return new JobGraph(graph.name(), graph.vertices(), graph.edges(), settings, graph.files());
  }

  /** Refuses a job that needs what the session's containers do not have. */
  void check(String stateBackend) {
    String there = session.configuration().get(JobSettings.STATE_BACKEND);
    if (stateBackend.equals("rocksdb") && !there.equals("rocksdb")) {
      throw new CommandException(
          "the job keeps its state in rocksdb, for which the containers of "
              + application().id()
              + " have no memory: it was started with "
              + JobSettings.STATE_BACKEND.key()
              + ": "
              + there
              + "; start a session with yarn-session.sh -D "
              + JobSettings.STATE_BACKEND.key()
              + "=rocksdb");
    }
    var checkpoints = mine.find(JobSettings.CHECKPOINT_DIR);
    var theirs = session.configuration().find(JobSettings.CHECKPOINT_DIR);
    if (checkpoints.isPresent() && !checkpoints.equals(theirs)) {
      console.warn(
          "Warning: "
              + JobSettings.CHECKPOINT_DIR.key()
              + " has no effect: the session keeps checkpoints "
              + theirs.map(folder -> "in " + folder).orElse("beside its staging directory"));
    }
  }

  /**
   * Returns once the session has accepted the job, which is durable then. It may have no JobManager
   * for a while.
   */
  void submit(YarnDeployer.Job job, Farewell farewell)
      throws DeployRefusedException, InterruptedException {
    PlacedJob placed = session.place(job);
    boolean accepted = false;
    try {
      farewell.submitting(application());
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
        Situation situation = application().situation();
        if (situation.ended()) {
          throw new CommandException(
              "the session " + application().id() + " has ended: " + situation.outcome());
        }
        if (situation.reachable()) {
          application().client().submit(spec);
          console.say("Submitted to the session " + application().id());
          return;
        }
      } catch (RequestRefusedException e) {
        throw new CommandException(application().id() + " refuses the job: " + e.getMessage());
      } catch (IOException e) {
        LOG.info("{}: {}", application().id(), e.toString()); // it may be moving
        trouble = e.getMessage();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new CommandException(
            "whether "
                + application().id()
                + " has accepted job "
                + spec.job()
                + " is not known, for it does not answer: "
                + trouble
                + "; millrace list shows its jobs once it does");
      }
      if (!told) {
        told = true;
        console.warn("Waiting for the JobManager of " + application().id() + ": " + trouble);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    application().close();
  }
}
