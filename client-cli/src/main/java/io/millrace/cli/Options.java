package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Words.Given;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.standalone.StandaloneSettings;
import io.millrace.yarn.YarnSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The configuration that a command works with: the file, over it {@code -D}, over that {@code -yD},
 * over that the flag that says the same more specifically.
 *
 * @param warnings one line for each contradiction between what was typed, and for each flag that
 *     has no effect beside the others
 */
record Options(Configuration configuration, List<String> warnings) {
  static final String YARN_PER_JOB = "yarn-per-job";
  static final String YARN_SESSION = "yarn-session";
  static final String YARN_APPLICATION = "yarn-application";

  /** The standalone cluster. */
  static final String REMOTE = "remote";

  /** Actions that run a program. */
  private static final List<String> RUNS = List.of("run", "run-application");

  /** Actions on what runs in a cluster. */
  private static final List<String> OF_RUNNING = List.of("list", "savepoint", "stop", "cancel");

  /** Actions on what lies where a cluster keeps its checkpoints. */
  private static final List<String> OF_STATE = List.of("state show", "state check");

  /** The action that starts one. */
  private static final String SESSION = "yarn-session";

  /** Flags that are another way to write a key. */
  private static final Map<Meaning, Setting<?>> KEYS = keys();

  private static Map<Meaning, Setting<?>> keys() {
    var keys = new LinkedHashMap<Meaning, Setting<?>>();
    keys.put(Meaning.TARGET, ClientSettings.TARGET);
    keys.put(Meaning.MASTER, ClientSettings.TARGET);
    keys.put(Meaning.CLUSTER_ID, StandaloneSettings.CLUSTER_ID);
    keys.put(Meaning.PARALLELISM, JobSettings.PARALLELISM);
    keys.put(Meaning.DETACHED, ClientSettings.ATTACHED);
    keys.put(Meaning.CANCEL_ON_EXIT, ClientSettings.CANCEL_ON_EXIT);
    keys.put(Meaning.RESTORE, ClientSettings.RESTORE_PATH);
    keys.put(Meaning.ALLOW_NON_RESTORED, ClientSettings.ALLOW_NON_RESTORED);
    keys.put(Meaning.CLAIM_MODE, ClientSettings.CLAIM_MODE);
    keys.put(Meaning.APPLICATION_ID, YarnSettings.APPLICATION_ID);
    keys.put(Meaning.JOB_MANAGER_MEMORY, YarnSettings.JOB_MANAGER_MEMORY);
    keys.put(Meaning.TASK_MANAGER_MEMORY, YarnSettings.TASK_MANAGER_MEMORY);
    keys.put(Meaning.SLOTS, ClusterSettings.SLOTS);
    keys.put(Meaning.QUEUE, YarnSettings.QUEUE);
    keys.put(Meaning.NAME, YarnSettings.NAME);
    keys.put(Meaning.TYPE, YarnSettings.TYPE);
    keys.put(Meaning.NODE_LABEL, YarnSettings.NODE_LABEL);
    keys.put(Meaning.SHIP, YarnSettings.SHIP_FILES);
    return keys;
  }

  /**
   * @param file what the configuration file sets
   */
  static Options of(Words words, Configuration file) {
    return of(words, file, false);
  }

  /**
   * @param file what the configuration file sets
   * @param standalone whether there is the key of a standalone cluster: then that is what listens
   *     at a host and port
   */
  static Options of(Words words, Configuration file, boolean standalone) {
    var warnings = new ArrayList<String>();
    var typed = new TreeMap<String, Said>();
    for (Given given : words.all(Meaning.PROPERTY)) {
      sayProperty(given, 1, typed, warnings);
    }
    for (Given given : words.all(Meaning.YARN_PROPERTY)) {
      sayProperty(given, 2, typed, warnings);
    }
    KEYS.forEach(
        (meaning, setting) -> {
          for (Given given : words.all(meaning)) {
            if (meaning == Meaning.MASTER) {
              checkMaster(words.action(), given, standalone);
              boolean sayWhere = isOnYarn(typed.get(setting.key())) && !isAddress(given);
              if (sayWhere || words.action().equals(SESSION)) {
                continue; // it says on YARN, the other says how
              }
            }
            String value = value(meaning, given, typed.get(setting.key()), standalone);
            Catalogue.check(setting.key(), value, given.text());
            say(setting.key(), new Said(given.text(), value, 3), typed, warnings);
          }
        });
    var values = new TreeMap<String, String>();
    typed.forEach((key, said) -> values.put(key, said.value()));
    Configuration said = file.with(new Configuration(values));
    Configuration all =
        words.action().equals("run") ? withTarget(words, said, typed, warnings) : said;
    Catalogue.checkTogether(all);
    warnOfNoEffect(words, all, typed, warnings);
    words.last(Meaning.FORMAT).ifPresent(given -> checkFormat(given, warnings));
    return new Options(all, List.copyOf(warnings));
  }

  /** On the standalone cluster that there is, if nothing says where else. */
  Options orRemote(Words words) {
    boolean said =
        configuration.has(ClientSettings.TARGET)
            || configuration.has(YarnSettings.APPLICATION_ID)
            || words.given().stream().anyMatch(given -> given.name().matches("(-y|--yarn).*"));
    String action = words.action();
    boolean may = action.equals("run") || OF_RUNNING.contains(action) || OF_STATE.contains(action);
    return said || !may
        ? this
        : new Options(configuration.with(ClientSettings.TARGET.key(), REMOTE), warnings);
  }

  /**
   * The same with a warning for what only a standalone cluster heeds, if it is not to run there.
   */
  Options checkedForPlace(Words words) {
    Optional<Given> namespace = words.last(Meaning.CLUSTER_ID);
    if (namespace.isEmpty() || Standalone.isTarget(configuration)) {
      return this;
    }
    var more = new ArrayList<String>(warnings);
    more.add(namespace.get().text() + " has no effect: on YARN no cluster needs ZooKeeper");
    return new Options(configuration, List.copyOf(more));
  }

  /** Who names a session wants to run there, unless he says something else. */
  private static Configuration withTarget(
      Words words, Configuration all, Map<String, Said> typed, List<String> warnings) {
    Said id = typed.get(YarnSettings.APPLICATION_ID.key());
    Said target = typed.get(ClientSettings.TARGET.key());
    boolean alone = target != null && !isMaster(words, target);
    if (all.find(YarnSettings.APPLICATION_ID).isEmpty()) {
      return all;
    }
    if (alone && !target.value().equals(YARN_SESSION)) {
      if (id != null) {
        throw new CommandException(
            target.text() + " and " + id.text() + " contradict each other; leave one out");
      }
      warnings.add(YarnSettings.APPLICATION_ID.key() + " has no effect with " + target.text());
      return all;
    }
    words
        .last(Meaning.MASTER)
        .filter(Options::isAddress)
        .ifPresent(
            master ->
                warnings.add(
                    (id == null ? YarnSettings.APPLICATION_ID.key() : id.text())
                        + " wins over "
                        + master.text()));
    boolean configured = id == null && all.has(ClientSettings.TARGET) && target == null;
    return configured || alone ? all : all.with(ClientSettings.TARGET.key(), YARN_SESSION);
  }

  private static boolean isMaster(Words words, Said target) {
    return words.all(Meaning.MASTER).stream().anyMatch(given -> given.text().equals(target.text()));
  }

  private static void checkFormat(Given given, List<String> warnings) {
    switch (given.argument().toLowerCase(Locale.ROOT)) {
      case "canonical" -> {
        // what they are
      }
      case "native" ->
          warnings.add(
              given.text() + " has no effect: savepoints are canonical, and any store reads them");
      default -> throw new CommandException(given.text() + ": expected canonical or native");
    }
  }

  private static boolean isOnYarn(Said target) {
    return target != null && target.value().startsWith("yarn-");
  }

  /** Whether it says where a JobManager listens. */
  static boolean isAddress(Given master) {
    return master.argument().matches("[^:/]+:[0-9]{1,5}");
  }

  private static void checkMaster(String action, Given given, boolean standalone) {
    if (given.argument().equals("yarn-cluster")) {
      return;
    }
    if (!isAddress(given)) {
      throw new CommandException(
          given.text() + " is not supported; give yarn-cluster, or host:port of a session");
    }
    if (!action.equals("run") && !(standalone && OF_RUNNING.contains(action))) {
      throw new CommandException(
          given.text()
              + " is for run only; name the session by its application id: "
              + (action.equals(SESSION) ? "-id" : "-yid"));
    }
  }

  private static void warnOfNoEffect(
      Words words, Configuration all, Map<String, Said> typed, List<String> warnings) {
    boolean isRun = RUNS.contains(words.action());
    boolean attaches =
        isRun
            ? all.find(ClientSettings.TARGET)
                .filter(List.of(YARN_SESSION, REMOTE)::contains)
                .isPresent()
            : words.action().equals(SESSION) && all.find(YarnSettings.APPLICATION_ID).isPresent();
    if (attaches) {
      typed.forEach(
          (key, said) -> {
            if (ofContainers(key)) {
              warnings.add(
                  said.text()
                      + " has no effect: "
                      + (Standalone.isTarget(all)
                          ? "the cluster's processes are"
                          : "the session's containers are")
                      + " as it was started");
            }
          });
    }
    if (!isRun) {
      return;
    }
    words
        .last(Meaning.CANCEL_ON_EXIT)
        .filter(flag -> !all.get(ClientSettings.ATTACHED))
        .ifPresent(
            flag -> warnings.add(flag.name() + " has no effect with -d: the job outlives run"));
    words
        .last(Meaning.ALLOW_NON_RESTORED)
        .filter(flag -> all.find(ClientSettings.RESTORE_PATH).isEmpty())
        .ifPresent(
            flag -> warnings.add(flag.name() + " has no effect without -s: no state is restored"));
    words
        .last(Meaning.CLAIM_MODE)
        .filter(flag -> all.find(ClientSettings.RESTORE_PATH).isEmpty())
        .ifPresent(
            flag -> warnings.add(flag.name() + " has no effect without -s: no state is restored"));
  }

  /** Whether it is settled when the cluster is started. */
  private static boolean ofContainers(String key) {
    return !key.equals(YarnSettings.APPLICATION_ID.key())
        && Stream.of(JobSettings.all(), ClientSettings.all(), StandaloneSettings.all())
            .flatMap(List::stream)
            .noneMatch(setting -> setting.key().equals(key));
  }

  /**
   * Something typed.
   *
   * @param specific 1 for -D, 2 for -yD, 3 for a flag of its own; more wins
   */
  private record Said(String text, String value, int specific) {}

  private static void sayProperty(
      Given given, int specific, Map<String, Said> typed, List<String> warnings) {
    String pair = given.argument();
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      throw new CommandException(
          given.text() + ": expected key=value, such as -D parallelism.default=4");
    }
    String key = pair.substring(0, equals).strip();
    String value = pair.substring(equals + 1);
    Catalogue.check(key, value, given.text());
    // What is typed under an older name must meet what is typed under the key's own.
    String own = Catalogue.find(key).map(Setting::key).orElse(key);
    say(own, new Said(given.text(), value, specific), typed, warnings);
  }

  private static void say(String key, Said said, Map<String, Said> typed, List<String> warnings) {
    Said before = typed.put(key, said);
    boolean added = before != null && said.value().startsWith(before.value() + ";");
    if (before != null && !added && !before.value().equals(said.value())) {
      if (key.equals(ClientSettings.TARGET.key())) {
        throw new CommandException(
            before.text() + " and " + said.text() + " contradict each other; leave one out");
      }
      warnings.add(said.text() + " wins over " + before.text());
    }
  }

  private static String value(Meaning meaning, Given given, Said before, boolean standalone) {
    String text = given.argument();
    return switch (meaning) {
      case TARGET -> {
        if (!List.of(YARN_PER_JOB, YARN_SESSION, YARN_APPLICATION, REMOTE).contains(text)) {
          throw new CommandException(given.text() + " is not supported yet");
        }
        yield text;
      }
      case MASTER ->
          !isAddress(given)
              ? YARN_PER_JOB
              : standalone && !isOnYarn(before) ? REMOTE : YARN_SESSION;
      case DETACHED -> "false";
      case CANCEL_ON_EXIT, ALLOW_NON_RESTORED -> "true";
      case CLAIM_MODE -> {
        String mode = text.strip().toUpperCase(Locale.ROOT);
        if (mode.equals("LEGACY")) {
          throw new CommandException(
              given.text()
                  + ": nobody would own the savepoint; use no_claim, which leaves it alone, or"
                  + " claim, which deletes it in time");
        }
        yield mode;
      }
      case JOB_MANAGER_MEMORY, TASK_MANAGER_MEMORY ->
          text.strip().matches("[0-9]+") ? text.strip() + "m" : text;
      case SHIP -> before != null && before.specific() == 3 ? before.value() + ";" + text : text;
      default -> text;
    };
  }
}
