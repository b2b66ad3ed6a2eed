package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.yarn.DeployRefusedException;
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
    try (var deployer = YarnDeployer.open(configuration, console.environment())) {
      YarnDeployer.Reaped reaped =
          id.isPresent()
              ? deployer.clean(id.get())
              : path.isPresent() ? deployer.cleanPath(path.get()) : deployer.reapDead();
      reaped.cleaned().forEach(console::say);
      if (reaped.cleaned().isEmpty() && reaped.failed().isEmpty()) {
        console.say("Nothing to clean.");
      }
      if (!reaped.failed().isEmpty()) {
        throw new CommandException(String.join("; ", reaped.failed()));
      }
      return 0;
    }
  }
}
