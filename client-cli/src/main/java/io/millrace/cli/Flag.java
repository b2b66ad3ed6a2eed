package io.millrace.cli;

import java.util.List;
import java.util.Objects;

/**
 * One flag of one action, under all its names.
 *
 * @param names with their dashes, as users type them
 * @param argument what follows, for the help; {@code null} if nothing does
 * @param meaning what the flag is to the actions; flags of the same meaning are the same thing said
 *     in two ways
 * @param text one line for the help; for {@link Support#NOTICE} what happens instead
 */
record Flag(List<String> names, String argument, Meaning meaning, Support support, String text) {
  Flag {
    names = List.copyOf(names);
    Objects.requireNonNull(meaning);
    Objects.requireNonNull(support);
    Objects.requireNonNull(text);
  }

  /** Whether the flag means something without its argument too. */
  boolean argumentIsOptional() {
    return takesArgument() && argument.startsWith("[");
  }

  boolean takesArgument() {
    return argument != null;
  }

  /** How far a flag goes today. */
  enum Support {
    SUPPORTED,
    /** Accepted; says what happens instead. */
    NOTICE,
    NOT_YET
  }

  /** What flags are about. */
  enum Meaning {
    HELP,
    VERSION,
    VERBOSE,
    TARGET,
    MASTER,
    PROPERTY,
    YARN_PROPERTY,
    CLUSTER_ID,
    MAIN_CLASS,
    CLASSPATH,
    PARALLELISM,
    DETACHED,
    CANCEL_ON_EXIT,
    RESTORE,
    ALLOW_NON_RESTORED,
    CLAIM_MODE,
    APPLICATION_ID,
    JOB_MANAGER_MEMORY,
    TASK_MANAGER_MEMORY,
    SLOTS,
    QUEUE,
    NAME,
    TYPE,
    NODE_LABEL,
    SHIP,
    QUERY,
    JAR,
    ARGUMENT,
    RUNNING,
    SCHEDULED,
    ALL,
    SAVEPOINT,
    FORMAT,
    DRAIN,
    JSON,
    FORCE,
    DRY_RUN,
    BACKUP,
    OTHER
  }
}
