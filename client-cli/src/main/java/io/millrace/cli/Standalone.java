package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.client.Situation;
import io.millrace.standalone.KeyFile;
import io.millrace.standalone.StandaloneCluster;
import io.millrace.standalone.StandaloneSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** How commands come to the cluster that people have started, if they have. */
final class Standalone {
  private static final String DEFAULT_KEY = "cluster.key";

  static boolean isTarget(Configuration configuration) {
    return configuration.find(ClientSettings.TARGET).filter(Options.REMOTE::equals).isPresent();
  }

  /** As configured, else beside the configuration file. */
  static KeyFile key(Configuration configuration, Map<String, String> environment) {
    return new KeyFile(
        configuration
            .find(StandaloneSettings.KEY_FILE)
            .map(Path::of)
            .orElseGet(() -> confFolder(environment).resolve(DEFAULT_KEY)));
  }

  private static Path confFolder(Map<String, String> environment) {
    String chosen = environment.getOrDefault("MILLRACE_CONF_DIR", "");
    return chosen.isBlank()
        ? Path.of(environment.getOrDefault("MILLRACE_HOME", ""), "conf")
        : Path.of(chosen);
  }

  static StandaloneCluster open(Console console, Configuration configuration) {
    try {
      return StandaloneCluster.of(configuration, key(configuration, console.environment()));
    } catch (IOException e) {
      throw new CommandException(e.getMessage());
    }
  }

  /**
   * The same for a command that may have said where the JobManager is: its folder knows better,
   * whichever of several it is now.
   */
  static StandaloneCluster open(Console console, Configuration configuration, Words words) {
    StandaloneCluster cluster = open(console, configuration);
    Optional<String> said =
        words.last(Meaning.MASTER).filter(Options::isAddress).map(Words.Given::argument);
    try {
      Situation situation = cluster.situation();
      if (situation.ended()) {
        throw new CommandException(cluster.id() + " does not run: " + situation.diagnostics());
      }
      said.filter(address -> situation.reachable() && !address.equals(situation.jobManager()))
          .ifPresent(
              address ->
                  console.warn(
                      "The JobManager of "
                          + cluster.id()
                          + " is at "
                          + situation.jobManager()
                          + ", not at "
                          + address));
    } catch (IOException e) {
      throw new CommandException(
          "the folder of " + cluster.id() + " cannot be read: " + e.getMessage());
    }
    return cluster;
  }

  /** For a command that reads its checkpoints and does not speak with it. */
  static StandaloneSite site(Configuration configuration) {
    try {
      return new StandaloneSite(StandaloneCluster.checkpoints(configuration));
    } catch (IOException e) {
      throw new CommandException(e.getMessage());
    }
  }

  /** As a place for jobs. */
  static JobHost host(StandaloneCluster cluster) {
    return new JobHost(
        cluster,
        configuration(cluster),
        new StandaloneSite(cluster.checkpoints()),
        "stop-cluster.sh and start-cluster.sh",
        (spec, jars) -> {
          try {
            return cluster.place(spec, jars);
          } catch (IOException e) {
            throw new CommandException("the job cannot be uploaded: " + e.getMessage());
          }
        });
  }

  private static Configuration configuration(StandaloneCluster cluster) {
    try {
      return cluster.configuration();
    } catch (IOException e) {
      throw new CommandException(
          "the folder of " + cluster.id() + " cannot be read: " + e.getMessage());
    }
  }

  private Standalone() {}
}
