package io.millrace.cli;

import io.millrace.yarn.ClassArchive;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The archive of this command's own classes, see {@link ClassArchive}. The script {@code millrace}
 * looks for it, and says its name where it is not there; the first command that submits a job makes
 * it, beside what else such a command does.
 */
final class ClientArchive {
  private static final String NAME = "millrace.client.archive";
  private static final String HADOOP = "MILLRACE_HADOOP_JARS";

  private final Optional<Thread> maker;

  private ClientArchive(Optional<Thread> maker) {
    this.maker = maker;
  }

  /** To be made if it is missing. */
  static ClientArchive waiting(Map<String, String> environment) {
    String name = System.getProperty(NAME, "");
    String home = environment.getOrDefault("MILLRACE_HOME", "");
    if (name.isEmpty() || home.isEmpty()) {
      return new ClientArchive(Optional.empty());
    }
    var maker =
        new Thread(
            () ->
                ClassArchive.of(environment)
                    .makeForClient(
                        name,
                        ownJars(home),
                        hadoopJars(environment),
                        ClientRehearsal.class.getName(),
                        Optional.ofNullable(System.getProperty("log4j2.configurationFile"))
                            .map(Path::of)),
            "client-archive");
    maker.setDaemon(true);
    return new ClientArchive(Optional.of(maker));
  }

  /** Makes it, beside what the command does. To be called once. */
  void begin() {
    maker.ifPresent(Thread::start);
  }

  /** Returns when it is made, or cannot be. */
  void await() throws InterruptedException {
    if (maker.isPresent()) {
      maker.get().join();
    }
  }

  /** The class path begins with the distribution's jars. */
  private static List<String> ownJars(String home) {
    return Arrays.stream(System.getProperty("java.class.path").split(":"))
        .takeWhile(entry -> entry.startsWith(home + "/lib/"))
        .toList();
  }

  /** Hadoop's come behind them if there is an archive. */
  private static List<String> hadoopJars(Map<String, String> environment) {
    return Arrays.stream(environment.getOrDefault(HADOOP, "").split(":"))
        .filter(jar -> !jar.isEmpty())
        .toList();
  }
}
