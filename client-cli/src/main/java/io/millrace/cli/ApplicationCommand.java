package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Words.Given;
import io.millrace.yarn.ContainerSizes;
import io.millrace.yarn.DeadApplications;
import io.millrace.yarn.DeadApplications.Cleaned;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.Restored;
import io.millrace.yarn.YarnApplication;
import io.millrace.yarn.YarnDeployer;
import io.millrace.yarn.YarnSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code millrace run-application}, and {@code run -t yarn-application}: starts a cluster in which
 * the program's main method runs, and its jobs.
 */
final class ApplicationCommand {
  private static final String NAME = "Millrace Application Cluster";

  private final Console console;
  private final Configuration configuration;
  private final Words words;

  ApplicationCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration =
        configuration.has(YarnSettings.NAME)
            ? configuration
            : configuration.with(YarnSettings.NAME.key(), NAME);
    this.words = words;
  }

  int run() throws DeployRefusedException {
    if (words.rest().isEmpty()) {
      throw new CommandException(
          "no program given; write the path of its jar behind the flags (millrace "
              + words.action()
              + " -h)");
    }
    checkTarget();
    String stateBackend = configuration.get(JobSettings.STATE_BACKEND);
    // Refuses sizes that cannot work, before anything is loaded.
    ContainerSizes.of(configuration, stateBackend);
    try (var deployer = YarnDeployer.open(configuration, console.environment(), console::reached)) {
      return start(deployer, stateBackend);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted");
    }
  }

  private void checkTarget() {
    Optional<String> target = configuration.find(ClientSettings.TARGET);
    if (target.filter(Options.YARN_APPLICATION::equals).isEmpty()) {
      throw new CommandException(
          words.action()
              + " runs main() in the cluster, which is -t "
              + Options.YARN_APPLICATION
              + target.map(other -> ", not " + other + "; millrace run is for that").orElse(""));
    }
  }

  /** Scripts expect run-application to return at once, and run to wait. */
  private boolean isDetached() {
    boolean said = configuration.has(ClientSettings.ATTACHED);
    return said
        ? !configuration.get(ClientSettings.ATTACHED)
        : words.action().equals("run-application");
  }

  /** Whatever of it is on this machine is looked at here. */
  private YarnDeployer.Program program(Optional<Restored> restore) {
    String jar = words.rest().get(0);
    List<String> arguments = words.rest().subList(1, words.rest().size());
    Optional<String> mainClass = words.last(Meaning.MAIN_CLASS).map(Given::argument);
    List<String> further = words.all(Meaning.CLASSPATH).stream().map(Given::argument).toList();
    if (PackagedProgram.isElsewhere(jar)) {
      return new YarnDeployer.Program(
          Optional.of(jar), PackagedProgram.further(further), mainClass, arguments, restore);
    }
    // Its main method runs elsewhere, but that there is none is known here.
    PackagedProgram program = PackagedProgram.open(jar, mainClass, further);
    return new YarnDeployer.Program(
        Optional.empty(), program.jars(), Optional.of(program.mainClass()), arguments, restore);
  }

  private int start(YarnDeployer deployer, String stateBackend)
      throws DeployRefusedException, InterruptedException {
    program(Optional.empty()); // refuses what is wrong with it before any server is asked
    console.reached("the program is found");
    Distribution distribution = Distribution.find(console.environment());
    List<Path> further = distribution.stateBackend(stateBackend);
    YarnDeployer.Prepared prepared = deployer.prepare(stateBackend);
    Optional<Restored> restore = Restore.find(configuration, deployer::checkpoint);
    DeadApplications dead = deployer.deadApplications();
    Cleaned cleaned = dead.clean();
    cleaned.settled().forEach(console::warn);
    cleaned.failed().forEach(console::warn);
    if (restore.isPresent()) {
      dead.checkNoneRuns(restore.get().lineage());
    }
    console.reached("what dead applications have left is settled");
    prepared.sizes().described().forEach(console::say);
    deployer.cautions().forEach(caution -> console.warn("Warning: " + caution));
    ClientArchive archive = ClientArchive.waiting(console.environment());
    archive.begin();
    boolean detached = isDetached();
    if (detached
        && words.has(Meaning.CANCEL_ON_EXIT)
        && !configuration.has(ClientSettings.ATTACHED)) {
      console.warn(
          "Warning: -sae has no effect: run-application returns once the application runs, unless"
              + " -D "
              + ClientSettings.ATTACHED.key()
              + "=true is given");
    }
    var leave =
        new ApplicationLeave(
            console, !detached && configuration.get(ClientSettings.CANCEL_ON_EXIT));
    YarnApplication application;
    try {
      YarnDeployer.Submitted submitted =
          deployer.deployApplication(
              prepared, distribution.equipment(further), program(restore), leave::submitting);
      console.say(submitted.described());
      application = submitted.application();
    } catch (DeployRefusedException | RuntimeException e) {
      leave.over();
      throw e;
    }
    try (application) {
      console.say("Submitted application " + application.id());
      var watch = new ApplicationWatch(console, application);
      int code = detached ? watch.untilItRuns() : watch.toTheEnd();
      archive.await();
      return code;
    } finally {
      leave.over();
    }
  }
}
