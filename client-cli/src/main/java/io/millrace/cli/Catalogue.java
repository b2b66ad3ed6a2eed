package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.runtime.host.HostSettings;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.standalone.StandaloneSettings;
import io.millrace.yarn.YarnSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every key that may be set, and the text of {@code conf/config.yaml} that shows them all. */
final class Catalogue {
  /** All settings by chapter, in the order of the documentation. */
  static Map<String, List<Setting<?>>> chapters() {
    var chapters = new LinkedHashMap<String, List<Setting<?>>>();
    chapters.put("a job", JobSettings.all());
    chapters.put("the processes of a cluster", ClusterSettings.all());
    chapters.put("threads and connections", HostSettings.all());
    chapters.put("an application on YARN", YarnSettings.all());
    chapters.put("a standalone cluster", StandaloneSettings.all());
    chapters.put("the command", ClientSettings.all());
    return chapters;
  }

  /** The setting that has this key, or had it. */
  static Optional<Setting<?>> find(String key) {
    return chapters().values().stream()
        .flatMap(List::stream)
        .filter(setting -> setting.key().equals(key) || setting.olderKeys().contains(key))
        .findFirst();
  }

  /**
   * @param source where the key stands, for people
   * @throws CommandException if there is no such key, or its value is not allowed
   */
  static void check(String key, String value, String source) {
    Optional<Setting<?>> setting = find(key);
    if (setting.isEmpty()) {
      Optional<String> prefix =
          YarnSettings.prefixes().stream()
              .filter(some -> key.startsWith(some) && key.length() > some.length())
              .findFirst();
      if (prefix.isPresent()) {
        checkVariable(key.substring(prefix.get().length()), source);
        return;
      }
      var keys = new ArrayList<String>();
      chapters().values().forEach(some -> some.forEach(each -> keys.add(each.key())));
      throw new CommandException(
          source
              + ": unknown key "
              + key
              + Nearest.to(key, keys).map(near -> "; did you mean " + near + "?").orElse("")
              + " (conf/config.yaml shows all)");
    }
    try {
      setting.get().parse(value);
    } catch (InvalidSettingException e) {
      throw new CommandException(source + ": " + e.getMessage());
    }
  }

  /** A shell script of YARN sets it. */
  private static void checkVariable(String name, String source) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new CommandException(
          source
              + ": '"
              + Console.oneLine(name)
              + "' cannot be the name of a variable: letters, digits and _ only");
    }
  }

  /**
   * What single values cannot show: values that contradict each other.
   *
   * @throws CommandException naming both keys
   */
  static void checkTogether(Configuration configuration) {
    if (configuration.has(JobSettings.MAX_PARALLELISM)) {
      atMost(configuration, JobSettings.PARALLELISM, JobSettings.MAX_PARALLELISM);
    }
    below(configuration, ClusterSettings.HEARTBEAT_INTERVAL, ClusterSettings.HEARTBEAT_TIMEOUT);
    below(
        configuration,
        ClusterSettings.HEARTBEAT_TIMEOUT,
        ClusterSettings.JOBMANAGER_SILENCE_TIMEOUT);
    atMost(configuration, JobSettings.EXPONENTIAL_INITIAL, JobSettings.EXPONENTIAL_MAX);
    for (Setting<Duration> setting :
        List.of(
            ClusterSettings.HEARTBEAT_INTERVAL,
            JobSettings.CHECKPOINT_TIMEOUT,
            JobSettings.FAILURE_RATE_INTERVAL,
            YarnSettings.HEARTBEAT,
            YarnSettings.REQUEST_HEARTBEAT)) {
      if (configuration.get(setting).isZero()) {
        throw new CommandException(
            "the value 0 of " + setting.key() + " is not allowed: a time above 0 such as 1 s");
      }
    }
    if (configuration.get(YarnSettings.TASK_MANAGER_VCORES) == 0) {
      throw new CommandException(
          "the value 0 of "
              + YarnSettings.TASK_MANAGER_VCORES.key()
              + " is not allowed: -1 (one for each slot), or 1 to 1024");
    }
  }

  private static <T extends Comparable<T>> void atMost(
      Configuration configuration, Setting<T> smaller, Setting<T> greater) {
    if (configuration.get(smaller).compareTo(configuration.get(greater)) > 0) {
      throw contradiction(configuration, smaller, "must not be above", greater);
    }
  }

  private static <T extends Comparable<T>> void below(
      Configuration configuration, Setting<T> smaller, Setting<T> greater) {
    if (configuration.get(smaller).compareTo(configuration.get(greater)) >= 0) {
      throw contradiction(configuration, smaller, "must be below", greater);
    }
  }

  private static CommandException contradiction(
      Configuration configuration, Setting<?> one, String how, Setting<?> other) {
    return new CommandException(
        one.key()
            + " ("
            + text(configuration, one)
            + ") "
            + how
            + " "
            + other.key()
            + " ("
            + text(configuration, other)
            + "); change one of the two");
  }

  private static String text(Configuration configuration, Setting<?> setting) {
    return configuration.asMap().getOrDefault(setting.key(), setting.defaultText());
  }

  /**
   * The file that ships as {@code conf/config.yaml}: every key, commented out, with its default.
   */
  static String asFile() {
    var text =
        new StringBuilder(
            """
            # Configuration of Millrace. A line that begins with # and a key shows that key's default. Keys may
            # be written with dots, as here, or nested. The command line (-D key=value) wins over this file.
            """);
    chapters()
        .forEach(
            (title, settings) -> {
              text.append("\n# ---- ").append(title).append('\n');
              for (Setting<?> setting : settings) {
                String value = setting.defaultText();
                text.append("\n# ").append(setting.description()).append("\n#");
                text.append(setting.key()).append(':');
                if (value != null) {
                  text.append(value.isEmpty() ? " \"\"" : " " + value);
                }
                text.append('\n');
              }
            });
    text.append(
        """

        # A variable in the environment of the JobManager's or the TaskManagers' containers; here, the
        # Java that they start with.
        #containerized.master.env.JAVA_HOME:
        #containerized.taskmanager.env.JAVA_HOME:
        """);
    return text.toString();
  }

  private Catalogue() {}
}
