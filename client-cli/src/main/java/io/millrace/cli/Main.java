package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Flag.Support;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.YarnDeployer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code millrace} command. Exit codes: 0 success; 1 bad arguments, a program or job that
 * failed, a cluster that refuses; 31 a death before the action.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final int BEFORE_THE_ACTION = 31;

  public static void main(String[] words) {
    int code = run(List.of(words), new Console(System.out, System.err, System.in, System.getenv()));
    // Threads that the program or Hadoop's clients left must not keep the command alive.
    System.exit(code);
  }

  static int run(List<String> words, Console console) {
    try {
      return dispatch(words, console);
    } catch (CommandException e) {
      LOG.info("Refused: {}", e.getMessage(), e);
      console.warn("millrace: " + Console.oneLine(e.getMessage()));
      return e.exitCode();
    } catch (DeployRefusedException | InvalidSettingException e) {
      LOG.info("Refused: {}", e.getMessage(), e);
      console.warn("millrace: " + Console.oneLine(e.getMessage()));
      return 1;
    } catch (RuntimeException | Error e) {
      LOG.info("The command itself has failed", e);
      Optional<String> remedy = MissingHadoop.remedy(e, console.environment());
      if (remedy.isPresent()) {
        console.warn("millrace: " + Console.oneLine(remedy.get()));
        return 1;
      }
      console.warn("millrace: the command itself has failed: " + e + logHint());
      return 1;
    }
  }

  static String logHint() {
    String log = System.getProperty("millrace.log.file");
    return log == null ? "" : " (the stack trace is in " + log + ")";
  }

  private static int dispatch(List<String> words, Console console) throws DeployRefusedException {
    if (words.isEmpty()) {
      console.warn("millrace: no action given; millrace -h lists all");
      return 1;
    }
    if (words.get(0).equals("state")) {
      return state(words.subList(1, words.size()), console);
    }
    return dispatch(words.get(0), words.subList(1, words.size()), console);
  }

  private static int state(List<String> words, Console console) throws DeployRefusedException {
    String what = words.isEmpty() ? "" : words.get(0);
    return switch (what) {
      case "show", "check" -> dispatch("state " + what, words.subList(1, words.size()), console);
      case "-h", "--help" -> {
        console.say(Help.of("state show"));
        console.say(Help.of("state check"));
        yield 0;
      }
      default ->
          throw new CommandException(
              "state is followed by show or check, found "
                  + (words.isEmpty() ? "nothing" : what)
                  + " (millrace state -h)");
    };
  }

  private static int dispatch(String action, List<String> rest, Console console)
      throws DeployRefusedException {
    switch (action) {
      case "-h", "--help" -> {
        console.say(Help.all());
        return 0;
      }
      case "-v", "--version" -> {
        console.say(version());
        return 0;
      }
      default -> {
        // below
      }
    }
    if (Flags.LATER_ACTIONS.contains(action)) {
      throw laterAction(action, rest);
    }
    if (!Flags.ACTIONS.contains(action)) {
      throw new CommandException(
          "unknown action "
              + action
              + Nearest.to(action, Flags.ACTIONS).map(n -> "; did you mean " + n + "?").orElse("")
              + " (millrace -h lists all)");
    }
    Words parsed = Words.parse(action, rest);
    if (parsed.has(Meaning.HELP)) {
      console.say(Help.of(action));
      return 0;
    }
    parsed.notices().forEach(console::warn);
    Configuration file = configurationFile(console);
    boolean standalone = Standalone.key(file, console.environment()).exists();
    Options options = Options.of(parsed, file, standalone);
    Optional<SessionFile> noted = Optional.empty();
    if (SessionFile.isLookedFor(parsed, options.configuration())) {
      noted = Optional.of(SessionFile.of(options.configuration()));
      Optional<SessionFile.Note> note = noted.get().read();
      if (note.isPresent()) {
        console.warn(
            "Found the session " + note.get().applicationId() + " in " + noted.get().path());
        options = Options.of(parsed, note.get().over(file), standalone);
      }
    }
    if (standalone) {
      options = options.orRemote(parsed);
    }
    options = options.checkedForPlace(parsed);
    options.warnings().forEach(warning -> console.warn("Warning: " + warning));
    Console told = parsed.has(Meaning.VERBOSE) ? console.verbose(jvmStart()) : console;
    told.reached("the command line and the configuration are read");
    try {
      return act(parsed, options.configuration(), noted, told);
    } catch (LinkageError e) {
      Optional<String> remedy =
          MissingHadoop.remedy(e, console.environment(), options.configuration());
      if (remedy.isPresent()) {
        throw new CommandException(remedy.get(), e);
      }
      throw e;
    }
  }

  private static long jvmStart() {
    return ManagementFactory.getRuntimeMXBean().getStartTime();
  }

  private static int act(
      Words parsed, Configuration configuration, Optional<SessionFile> noted, Console console)
      throws DeployRefusedException {
    if (parsed.has(Meaning.QUERY)) {
      return tellResources(configuration, console);
    }
    return switch (parsed.action()) {
      case "run-application" -> new ApplicationCommand(console, configuration, parsed).run();
      case "run" -> new RunCommand(console, configuration, parsed, noted).run();
      case "yarn-session" -> new SessionCommand(console, configuration, parsed).run();
      case "list" -> new ListCommand(console, configuration, parsed).run();
      case "savepoint" -> new SavepointCommand(console, configuration, parsed).run();
      case "stop" -> new StopCommand(console, configuration, parsed).run();
      case "cancel" -> new CancelCommand(console, configuration, parsed).run();
      case "migrate" -> new MigrateCommand(console, parsed).run();
      case "clean" -> new CleanCommand(console, configuration, parsed).run();
      case "state show" -> new StateShowCommand(console, configuration, parsed).run();
      case "state check" -> new StateCheckCommand(console, configuration, parsed).run();
      default -> throw new IllegalStateException("no command for " + parsed.action());
    };
  }

  private static int tellResources(Configuration configuration, Console console)
      throws DeployRefusedException {
    try (var deployer = YarnDeployer.open(configuration, console.environment(), console::reached)) {
      deployer.resources().forEach(console::say);
      return 0;
    }
  }

  /** Says the first flag that is not there yet, if one is given: scripts look for its name. */
  private static CommandException laterAction(String action, List<String> rest) {
    for (String word : rest) {
      Optional<String> later =
          Words.find(action, word)
              .filter(given -> given.flag().support() == Support.NOT_YET)
              .map(Words.Given::name);
      if (later.isPresent()) {
        return new CommandException(action + ": " + later.get() + " is not supported yet");
      }
    }
    return new CommandException(action + " is not supported yet");
  }

  static Configuration configurationFile(Console console) {
    String chosen = console.environment().getOrDefault("MILLRACE_CONF_DIR", "");
    String home = console.environment().getOrDefault("MILLRACE_HOME", "");
    if (!chosen.isBlank()) {
      if (!Files.isDirectory(Path.of(chosen))) {
        throw new CommandException(
            "MILLRACE_CONF_DIR=" + chosen + " is not a folder; set it to the folder of config.yaml",
            BEFORE_THE_ACTION);
      }
      return ConfigurationFile.read(Path.of(chosen, "config.yaml"));
    }
    return home.isBlank()
        ? Configuration.EMPTY
        : ConfigurationFile.read(Path.of(home, "conf", "config.yaml"));
  }

  /** As the contract has it; the commit is unknown in builds outside a repository. */
  static String version() {
    var properties = new Properties();
    try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      LOG.info("The version cannot be read", e);
    }
    return "Version: "
        + properties.getProperty("version", "unknown")
        + ", Commit ID: "
        + properties.getProperty("commit", "unknown");
  }

  private Main() {}
}
