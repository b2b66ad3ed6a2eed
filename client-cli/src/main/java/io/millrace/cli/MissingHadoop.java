package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.yarn.DeployRefusedException;
import io.millrace.yarn.HadoopFolders;
import java.util.Map;
import java.util.Optional;

/**
 * A class of Hadoop that is not there. Hadoop is the cluster's and not part of the distribution, so
 * this is a mistake of the environment and not of the command.
 */
final class MissingHadoop {
  private static final String PACKAGE = "org.apache.hadoop.";

  /**
   * What to tell the user, on one line; empty if the failure is another one. A class path is of no
   * use without Hadoop's configuration, so what is wrong with that comes first.
   */
  static Optional<String> remedy(Throwable failure, Map<String, String> environment) {
    Optional<String> missing = missing(failure);
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    try {
      HadoopFolders.files(environment);
    } catch (DeployRefusedException e) {
      return Optional.of(e.getMessage());
    }
    return classPathRemedy(failure, environment);
  }

  /** The same for a command of which it is known where it leads. */
  static Optional<String> remedy(
      Throwable failure, Map<String, String> environment, Configuration configuration) {
    return Standalone.isTarget(configuration)
        ? classPathRemedy(failure, environment)
        : remedy(failure, environment);
  }

  /** The same where Hadoop needs no configuration. */
  static Optional<String> classPathRemedy(Throwable failure, Map<String, String> environment) {
    Optional<String> missing = missing(failure);
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    boolean set = !environment.getOrDefault("HADOOP_CLASSPATH", "").isBlank();
    return Optional.of(
        "the class "
            + missing.get()
            + " of Hadoop is not on the class path; "
            + (set ? "HADOOP_CLASSPATH does not have it" : "HADOOP_CLASSPATH is not set")
            + ": export HADOOP_CLASSPATH=$(hadoop classpath)");
  }

  static boolean is(Throwable failure) {
    return missing(failure).isPresent();
  }

  /** The class that is missing, if it is one of Hadoop's. */
  private static Optional<String> missing(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean absent =
          cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException;
      if (absent && cause.getMessage() != null) {
        String name = cause.getMessage().replace('/', '.');
        if (name.startsWith(PACKAGE)) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }

  private MissingHadoop() {}
}
