package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Words.Given;
import io.millrace.yarn.DeadApplications.Cleaned;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import io.millrace.yarn.YarnSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code yarn-session.sh}: starts a cluster that is given its jobs later, or speaks with one that
 * runs. Attached, it stays: tells what changes, and takes commands from standard input.
 */
final class SessionCommand {
  private static final String NAME = "Millrace session cluster";

  private final Console console;
  private final Configuration configuration;
  private final Words words;
  private final SessionFile file;

  SessionCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration =
        configuration.has(YarnSettings.NAME)
            ? configuration
            : configuration.with(YarnSettings.NAME.key(), NAME);
    this.words = words;
    this.file = SessionFile.of(configuration);
  }

  int run() throws DeployRefusedException {
    if (!words.rest().isEmpty()) {
      throw new CommandException(
          "yarn-session takes no argument, found "
              + words.rest().get(0)
              + " (yarn-session.sh -h); jobs are given to a session by millrace run");
    }
    try (var deployer = YarnDeployer.open(configuration, console.environment(), console::reached)) {
      Optional<String> id = configuration.find(YarnSettings.APPLICATION_ID);
      return id.isPresent() ? attach(deployer.session(id.get()).application()) : start(deployer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private boolean isDetached() {
    return !configuration.get(ClientSettings.ATTACHED);
  }

  private int start(YarnDeployer deployer) throws DeployRefusedException, InterruptedException {
    String stateBackend = configuration.get(JobSettings.STATE_BACKEND);
    Distribution distribution = Distribution.find(console.environment());
    List<Path> further = distribution.stateBackend(stateBackend);
    YarnDeployer.Prepared prepared = deployer.prepare(stateBackend);
    Cleaned cleaned = deployer.deadApplications().clean();
    cleaned.settled().forEach(console::warn);
    cleaned.failed().forEach(console::warn);
    console.reached("what dead applications have left is settled");
    prepared.sizes().described().forEach(console::say);
    deployer.cautions().forEach(caution -> console.warn("Warning: " + caution));
    ClientArchive archive = ClientArchive.waiting(console.environment());
    archive.begin();
    var leave = new SessionLeave(console, file, !isDetached());
    YarnApplication application;
    try {
      YarnDeployer.Submitted submitted =
          deployer.deploySession(prepared, distribution.equipment(further), leave::submitting);
      console.say(submitted.described());
      application = submitted.application();
    } catch (DeployRefusedException | RuntimeException e) {
      leave.over();
      throw e;
    }
    try (application) {
      console.say("Submitted application " + application.id());
      var watch = new SessionWatch(console, application);
      if (!watch.awaitJobManager()) {
        return watch.tellEnd();
      }
      note(application);
      int code;
      if (isDetached()) {
        tellHowToStop(application);
        code = 0;
      } else {
        code = new SessionDialogue(console, application, watch, file).toTheEnd();
      }
      archive.await();
      return code;
    } finally {
      leave.over();
    }
  }

  private int attach(YarnApplication application) throws InterruptedException {
    try (application) {
      var watch = new SessionWatch(console, application);
      if (!watch.awaitJobManager()) {
        file.remove(application.id());
        return watch.tellEnd();
      }
      if (isDetached()) {
        tellHowToStop(application);
        return 0;
      }
      return new SessionDialogue(console, application, watch, file).toTheEnd();
    }
  }

  /** So that {@code run} finds it. The session is of use without that, too. */
  private void note(YarnApplication application) {
    try {
      file.write(new SessionFile.Note(application.id(), properties()));
    } catch (IOException e) {
      console.warn(
          "Warning: "
              + file.path()
              + " cannot be written ("
              + e.getMessage()
              + "), so run does not find the session by itself; give it -yid "
              + application.id());
    }
  }

  /** As they were typed; the last of two wins. */
  private Map<String, String> properties() {
    var typed = new TreeMap<String, String>();
    Stream.of(Meaning.PROPERTY, Meaning.YARN_PROPERTY)
        .flatMap(meaning -> words.all(meaning).stream())
        .map(Given::argument)
        .forEach(
            pair -> {
              int equals = pair.indexOf('=');
              typed.put(pair.substring(0, equals).strip(), pair.substring(equals + 1));
            });
    return typed;
  }

  private void tellHowToStop(YarnApplication application) {
    console.say("The session runs on without this command. To run a job in it:");
    console.say("  millrace run -yid " + application.id() + " <jar>");
    console.say("To stop it and cancel its jobs:");
    console.say("  " + stopCommand(application.id()));
    console.say("If it does not answer, end it by force, then settle what its jobs promised:");
    console.say("  yarn application -kill " + application.id());
    console.say("  millrace clean -yid " + application.id());
  }

  static String stopCommand(String applicationId) {
    return "echo \"stop\" | yarn-session.sh -id " + applicationId;
  }
}
