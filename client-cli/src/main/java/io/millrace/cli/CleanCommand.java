package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.yarn.DeadApplications;
import io.millrace.yarn.DeadApplications.Cleaned;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.HadoopFolders;
import io.millrace.yarn.YarnDeployer;
import io.millrace.yarn.YarnSettings;
import java.util.Optional;

/**
 * {@code millrace clean}: for an application that has ended without its JobManager, makes visible
 * what a completed checkpoint promised, deletes other pending output, and removes what was staged.
 */
final class CleanCommand {
  private final Console console;
  private final Configuration configuration;
  private final Words words;

  CleanCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    if (words.rest().size() > 1) {
      throw new CommandException(
          "clean takes one path at most, found " + words.rest().size() + " (millrace clean -h)");
    }
    Optional<String> id = configuration.find(YarnSettings.APPLICATION_ID);
    Optional<String> path = words.rest().stream().findFirst();
    if (id.isPresent() && path.isPresent()) {
      throw new CommandException("clean takes an application or a path, not both; leave one out");
    }
    boolean force = words.has(Meaning.FORCE);
    if (force && id.isEmpty()) {
      throw new CommandException(
          "--force settles the one application that you know to have ended; name it with -yid");
    }
    if (id.isEmpty() && isStandalone()) {
      throw new CommandException(
          "clean is for applications on YARN; a standalone cluster leaves nothing to clean: the"
              + " next JobManager (jobmanager.sh start) goes on with the jobs of one that has died");
    }
    try (var deployer = YarnDeployer.open(configuration, console.environment())) {
      Cleaned cleaned = clean(deployer.deadApplications(), id, force, path);
      cleaned.settled().forEach(console::say);
      cleaned.left().forEach(line -> console.say("Left alone: " + line));
      if (cleaned.isEmpty()) {
        console.say(
            id.map(app -> "Nothing to clean: nothing is left of " + app + " here.")
                .orElse("Nothing to clean."));
      }
      if (!cleaned.failed().isEmpty()) {
        throw new CommandException(String.join("; ", cleaned.failed()));
      }
      return 0;
    }
  }

  /** Where there is a standalone cluster and no YARN; what has both means YARN. */
  private boolean isStandalone() {
    return Standalone.isTarget(configuration)
        || Standalone.key(configuration, console.environment()).exists()
            && !HadoopFolders.areNamed(console.environment());
  }

  private static Cleaned clean(
      DeadApplications dead, Optional<String> id, boolean force, Optional<String> path)
      throws DeployRefusedException {
    if (id.isPresent()) {
      return dead.cleanApplication(id.get(), force);
    }
    return path.isPresent() ? dead.cleanPath(path.get()) : dead.clean();
  }
}
