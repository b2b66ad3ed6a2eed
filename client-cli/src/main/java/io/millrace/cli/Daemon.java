package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting.InvalidSettingException;
import io.millrace.runtime.host.RollingOutput;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.standalone.KeyFile;
import io.millrace.standalone.StandaloneCluster;
import io.millrace.standalone.StandaloneJobManager;
import io.millrace.standalone.StandaloneSettings;
import io.millrace.standalone.StandaloneTaskManager;
import io.millrace.standalone.WorkFolder;
import io.millrace.yarn.ContainerMemory;
import io.millrace.yarn.ContainerSizes;
import io.millrace.yarn.YarnSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code jobmanager.sh}, {@code taskmanager.sh} and {@code stop-cluster.sh} run. The first
 * word says what: {@code flags} and the name of a process check all that can be checked before it
 * is started, and print flags for its JVM, a line each; the name of a process is that process;
 * {@code stop} ends the cluster's jobs and its JobManager. {@code -D} may follow.
 */
final class Daemon {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final String JOB_MANAGER = "jobmanager";
  private static final String TASK_MANAGER = "taskmanager";

  /** Scripts wait for a line that begins so. */
  private static final String READY = "ready";

  private static final Duration STOP = Duration.ofMinutes(2);

  public static void main(String[] words) throws IOException {
    String output = System.getProperty("millrace.out.file");
    if (output != null) {
      RollingOutput.installTogether(Path.of(output));
    }
    var console = new Console(System.out, System.err, System.in, System.getenv());
    System.exit(run(List.of(words), console));
  }

  private static int run(List<String> words, Console console) {
    try {
      return switch (words.get(0)) {
        case "flags" -> flags(words.get(1), words.subList(2, words.size()), console);
        case "stop" -> stop(words.subList(1, words.size()), console);
        default -> process(words.get(0), words.subList(1, words.size()), console);
      };
    } catch (CommandException e) {
      console.warn("millrace: " + Console.oneLine(e.getMessage()));
      return e.exitCode();
    } catch (InvalidSettingException | IOException e) {
      LOG.info("It does not start", e);
      console.warn("millrace: " + Console.oneLine(String.valueOf(e.getMessage())));
      return 1;
    } catch (RuntimeException | LinkageError e) {
      LOG.info("It does not start", e);
      console.warn(
          "millrace: "
              + MissingHadoop.classPathRemedy(e, console.environment()).orElse(e + Main.logHint()));
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static Configuration configuration(String action, List<String> words, Console console) {
    Words parsed = Words.parse(action, words);
    if (!parsed.rest().isEmpty()) {
      throw new CommandException(
          action + ".sh does not know '" + parsed.rest().get(0) + "'; -D key=value may follow");
    }
    return Options.of(parsed, Main.configurationFile(console)).configuration();
  }

  private static ContainerSizes sizes(Configuration configuration) {
    return ContainerSizes.of(configuration, configuration.get(JobSettings.STATE_BACKEND));
  }

  private static int flags(String process, List<String> words, Console console) throws IOException {
    Configuration configuration = configuration(process, words, console);
    ContainerSizes sizes = sizes(configuration);
    KeyFile key = Standalone.key(configuration, console.environment());
    StandaloneJobManager.check(configuration);
    if (process.equals(JOB_MANAGER)
        && key.create(configuration.get(StandaloneSettings.CLUSTER_ID))) {
      console.warn(
          "Made the cluster's key "
              + key.path()
              + "; other hosts of the cluster need a copy, readable for you only");
    }
    // Also refuses what the process would refuse, where somebody sees it.
    StandaloneCluster.of(configuration, key).close();
    boolean first = process.equals(JOB_MANAGER);
    ContainerMemory memory = first ? sizes.jobManager() : sizes.taskManager();
    var flags = new ArrayList<>(memory.jvmFlags());
    flags.add("-Dio.netty.maxDirectMemory=0");
    if (first) {
      flags.add("-XX:TieredStopAtLevel=1");
    }
    for (String options :
        List.of(
            configuration.get(YarnSettings.JAVA_OPTIONS),
            configuration.get(
                first
                    ? YarnSettings.JOB_MANAGER_JAVA_OPTIONS
                    : YarnSettings.TASK_MANAGER_JAVA_OPTIONS))) {
      Arrays.stream(options.split("\\s+")).filter(each -> !each.isEmpty()).forEach(flags::add);
    }
    flags.forEach(console::say);
    return 0;
  }

  private static int process(String process, List<String> words, Console console)
      throws IOException, InterruptedException {
    Configuration configuration = configuration(process, words, console);
    KeyFile key = Standalone.key(configuration, console.environment());
    Path work = WorkFolder.make(Path.of(System.getProperty("millrace.work.folder")));
    if (process.equals(JOB_MANAGER)) {
      return StandaloneJobManager.run(
          configuration, key, work, how -> console.say(READY + " " + how));
    } else if (process.equals(TASK_MANAGER)) {
      int managed = sizes(configuration).taskManager().managed();
      Configuration all =
          managed == 0
              ? configuration
              : configuration.with(ClusterSettings.MANAGED_MEMORY.key(), managed + "m");
      return StandaloneTaskManager.run(all, key, work, () -> console.say(READY));
    }
    throw new CommandException("there is no process " + process);
  }

  private static int stop(List<String> words, Console console) throws InterruptedException {
    Configuration configuration = configuration(JOB_MANAGER, words, console);
    if (StandaloneJobManager.hasStandbys(configuration)) {
      console.say("The cluster's jobs go on when it is started again.");
      return 0;
    }
    try (StandaloneCluster cluster = Standalone.open(console, configuration)) {
      Optional<String> obstacle = cluster.stop(STOP);
      obstacle.ifPresent(
          why ->
              console.warn(
                  "The cluster's jobs are not ended, and go on when it is started again: " + why));
      if (obstacle.isEmpty()) {
        console.say("The cluster's jobs and its JobManager have ended.");
      }
      return obstacle.isEmpty() ? 0 : 1;
    }
  }

  private Daemon() {}
}
