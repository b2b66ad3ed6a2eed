package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Words.Given;
import io.millrace.yarn.ContainerSizes;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import io.millrace.yarn.YarnSettings;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code millrace run}: runs a program's main method here; its jobs run on the cluster. */
final class RunCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  private final Console console;
  private final Configuration configuration;
  private final Words words;
  private final Optional<SessionFile> noted;

  /**
   * @param noted where the session to run in was found, if nothing else names it
   */
  RunCommand(
      Console console, Configuration configuration, Words words, Optional<SessionFile> noted) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
    this.noted = noted;
  }

  int run() throws DeployRefusedException {
    if (configuration
        .find(ClientSettings.TARGET)
        .filter(Options.YARN_APPLICATION::equals)
        .isPresent()) {
      return new ApplicationCommand(console, configuration, words).run();
    }
    boolean standalone = Standalone.isTarget(configuration);
    boolean inSession = !standalone && isInSession();
    if (words.rest().isEmpty()) {
      throw new CommandException(
          "no program given; write the path of its jar behind the flags (millrace run -h)");
    }
    if (!standalone) {
      // Refuses sizes that cannot work, before anything is loaded.
      ContainerSizes.of(configuration, configuration.get(JobSettings.STATE_BACKEND));
    }
    PackagedProgram program =
        PackagedProgram.open(
            words.rest().get(0),
            words.last(Meaning.MAIN_CLASS).map(Given::argument),
            words.all(Meaning.CLASSPATH).stream().map(Given::argument).toList());
    console.reached("the program is found: " + program.mainClass());
    if (standalone) {
      JobHost host = Standalone.host(Standalone.open(console, configuration, words));
      try (var executor =
          new ClusterExecutor(console, new Tenancy(console, host, configuration, program))) {
        return run(program, executor);
      }
    }
    Distribution distribution = Distribution.find(console.environment());
    try (var deployer = YarnDeployer.open(configuration, console.environment(), console::reached);
        var executor =
            new ClusterExecutor(console, place(inSession, program, distribution, deployer))) {
      return run(program, executor);
    }
  }

  private Place place(
      boolean inSession, PackagedProgram program, Distribution distribution, YarnDeployer deployer)
      throws DeployRefusedException {
    if (!inSession) {
      return new OwnClusters(console, configuration, program, distribution, deployer);
    }
    YarnDeployer.Session session = session(deployer);
    var host =
        new JobHost(
            session.application(),
            session.configuration(),
            new YarnSite(console, deployer),
            "yarn-session.sh",
            session::place);
    return new Tenancy(console, host, configuration, program);
  }

  private YarnDeployer.Session session(YarnDeployer deployer) throws DeployRefusedException {
    Optional<String> id = configuration.find(YarnSettings.APPLICATION_ID);
    if (id.isEmpty()) {
      String address = words.last(Meaning.MASTER).orElseThrow().argument();
      int colon = address.lastIndexOf(':');
      return deployer.sessionAt(
          address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }
    try {
      return deployer.session(id.get());
    } catch (DeployRefusedException e) {
      if (noted.isEmpty()) {
        throw e;
      }
      throw new CommandException(
          e.getMessage()
              + "; "
              + noted.get().path()
              + " names it: delete that file, or say where to run");
    }
  }

  /** Or on a cluster of the job's own. */
  private boolean isInSession() {
    Optional<String> target = configuration.find(ClientSettings.TARGET);
    if (target.isEmpty()) {
      throw new CommandException(
          "where to run is not said; add -m yarn-cluster (or -t "
              + Options.YARN_PER_JOB
              + "), or -yid and the id of a session");
    }
    if (target.get().equals(Options.YARN_PER_JOB)) {
      return false;
    }
    if (!target.get().equals(Options.YARN_SESSION)) {
      throw new CommandException(
          ClientSettings.TARGET.key()
              + "="
              + target.get()
              + " is not supported yet; use "
              + Options.YARN_PER_JOB
              + ", "
              + Options.YARN_SESSION
              + ", "
              + Options.YARN_APPLICATION
              + " or "
              + Options.REMOTE);
    }
    boolean named = configuration.find(YarnSettings.APPLICATION_ID).isPresent();
    if (!named && words.last(Meaning.MASTER).filter(Options::isAddress).isEmpty()) {
      throw new CommandException(
          "which session is not said; add -yid and its id (or -D "
              + YarnSettings.APPLICATION_ID.key()
              + "=...), or start one with yarn-session.sh -d");
    }
    return true;
  }

  private int run(PackagedProgram program, ClusterExecutor executor) {
    List<String> arguments = words.rest().subList(1, words.rest().size());
    Throwable thrown = null;
    ExecutionDoor.Installed installed = ExecutionDoor.install(executor);
    var exit = new EarlyExit(console, program, who -> withoutJob(executor, who));
    try {
      program.run(arguments);
    } catch (Throwable e) {
      thrown = e;
    } finally {
      exit.over();
      installed.close();
    }
    Optional<CommandException> refusal = executor.refusal();
    if (refusal.isPresent()) {
      // Also if the program has caught it: a job that it wanted does not run.
      throw refusal.get();
    }
    if (thrown instanceof InterruptedException) {
      throw new CommandException("interrupted");
    }
    if (thrown != null && !(thrown instanceof JobFailedException)) {
      throw programFailed(program, thrown);
    }
    if (executor.submitted() == 0) {
      throw new CommandException(noJob(program.mainClass() + " ended"));
    }
    return executor.awaitRest() && thrown == null ? 0 : 1;
  }

  private static Optional<String> withoutJob(ClusterExecutor executor, String who) {
    if (executor.mayHaveJob()) {
      return Optional.empty();
    }
    return Optional.of(executor.refusal().map(Throwable::getMessage).orElseGet(() -> noJob(who)));
  }

  /**
   * @param how the program ended
   */
  static String noJob(String how) {
    return "The program didn't contain a Millrace job: "
        + how
        + " without calling execute() on its StreamExecutionEnvironment; add the call";
  }

  static CommandException programFailed(PackagedProgram program, Throwable thrown) {
    LOG.info("The program has failed", thrown);
    return new CommandException(
        "The program finished with the following exception: "
            + oneLine(thrown)
            + program.place(thrown.getStackTrace())
            + Main.logHint());
  }

  private static String oneLine(Throwable thrown) {
    if (thrown instanceof ExceptionInInitializerError && thrown.getCause() != null) {
      return oneLine(thrown.getCause()) + " while a class was initialized";
    }
    String message = thrown.getMessage() == null ? "" : thrown.getMessage();
    boolean ours = thrown.getClass().getName().startsWith("io.millrace.") && !message.isEmpty();
    String text = ours ? message : thrown.toString();
    return text.replace('\n', ' ').replace('\r', ' ');
  }
}
