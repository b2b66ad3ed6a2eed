package io.millrace.cli;

import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.Flag.Support;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every flag of every action that scripts may use, in one table; {@code --help} and the parser are
 * read off it. A row names the flag as it stands in the contract; what is not built yet is here
 * too, so that it is refused by name.
 */
final class Flags {
  /** Actions that exist. */
  static final List<String> ACTIONS =
      List.of(
          "run",
          "run-application",
          "list",
          "savepoint",
          "stop",
          "cancel",
          "clean",
          "state show",
          "state check",
          "migrate",
          "yarn-session");

  /** Actions that scripts may call and that do not exist yet. */
  static final List<String> LATER_ACTIONS = List.of("info", "checkpoint");

  private static final Map<String, List<Flag>> TABLE = table();

  /** The flags of an action, of both lists. */
  static List<Flag> of(String action) {
    return TABLE.get(action);
  }

  /** The flag that a word names: exactly, and without what may be glued to it. */
  static Optional<Flag> find(String action, String name) {
    return of(action).stream().filter(flag -> flag.names().contains(name)).findFirst();
  }

  private static Map<String, List<Flag>> table() {
    var table = new LinkedHashMap<String, List<Flag>>();
    table.put("run", join(target(true, verbose()), programs(true), yarnRun()));
    table.put(
        "run-application", join(target(true, verbose()), programs(true), yarnOfApplications()));
    table.put("list", join(target(true), lists(), yarnOfClusterActions()));
    table.put("savepoint", join(target(true), savepoints(), yarnOfClusterActions()));
    table.put("stop", join(target(true), stops(), yarnOfClusterActions()));
    table.put("cancel", join(target(true), cancels(), yarnOfClusterActions()));
    table.put("clean", join(target(true), cleans(), yarnOfClusterActions()));
    table.put("state show", join(common(), shows()));
    table.put("state check", join(common(), checks()));
    table.put("migrate", join(common(), migrations()));
    table.put("info", join(target(false), programs(false), yarnOfNoAction()));
    table.put("checkpoint", join(target(false), List.of(later(null, "--full")), yarnOfNoAction()));
    table.put("yarn-session", sessions());
    // No actions of millrace, but of the scripts that start processes.
    for (String process : List.of("jobmanager", "taskmanager")) {
      table.put(
          process,
          List.of(
              yes("key=value", Meaning.PROPERTY, "Set a configuration key; repeatable.", "-D")));
    }
    return Collections.unmodifiableMap(table);
  }

  private static Flag verbose() {
    return yes(
        null,
        Meaning.VERBOSE,
        "Tell on standard error when each phase of the start has ended.",
        "-v",
        "--verbose");
  }

  private static List<Flag> target(boolean built) {
    return target(
        built, notice(null, "has no effect: what happens is always said", "-v", "--verbose"));
  }

  /** Section 3 of the contract: what all actions of a cluster know. */
  private static List<Flag> target(boolean built, Flag verbose) {
    List<Flag> flags =
        List.of(
            new Flag(
                List.of("-h", "--help"), null, Meaning.HELP, Support.SUPPORTED, "Show this help."),
            verbose,
            yes(
                "target",
                Meaning.TARGET,
                "Where to run: yarn-per-job, yarn-session, yarn-application or remote, the standalone"
                    + " cluster.",
                "-t",
                "--target"),
            yes(
                "target",
                Meaning.MASTER,
                "yarn-cluster: run on YARN, the same as -t yarn-per-job; host:port: the cluster whose"
                    + " JobManager listens there, a standalone one, or (run only) a session on YARN.",
                "-m",
                "--jobmanager"),
            yes("key=value", Meaning.PROPERTY, "Set a configuration key; repeatable.", "-D"),
            yes("target", Meaning.TARGET, "Older name of -t.", "-e", "--executor"),
            yes(
                "namespace",
                Meaning.CLUSTER_ID,
                "Which standalone cluster, where several share a folder or a ZooKeeper: the same as"
                    + " -D high-availability.cluster-id.",
                "-z",
                "--zookeeperNamespace"));
    return built ? flags : allLater(flags);
  }

  /** Section 4: run and its relatives. */
  private static List<Flag> programs(boolean built) {
    List<Flag> flags =
        List.of(
            yes(
                "class",
                Meaning.MAIN_CLASS,
                "The class to run, if the jar's manifest does not say.",
                "-c",
                "--class"),
            yes(
                "url",
                Meaning.CLASSPATH,
                "A further jar for the program, such as file:///a/b.jar; repeatable.",
                "-C",
                "--classpath"),
            yes(
                "n",
                Meaning.PARALLELISM,
                "Parallelism of operators that do not say.",
                "-p",
                "--parallelism"),
            yes(
                null,
                Meaning.DETACHED,
                "Return as soon as the job is running.",
                "-d",
                "--detached"),
            yes(
                null,
                Meaning.CANCEL_ON_EXIT,
                "Cancel the job when this command is interrupted.",
                "-sae",
                "--shutdownOnAttachedExit"),
            yes(
                "path",
                Meaning.RESTORE,
                "Start from this savepoint or retained checkpoint.",
                "-s",
                "--fromSavepoint"),
            yes(
                null,
                Meaning.ALLOW_NON_RESTORED,
                "With -s: drop state of operators that the program does not have any more.",
                "-n",
                "--allowNonRestoredState"),
            yes(
                "mode",
                Meaning.CLAIM_MODE,
                "With -s: no_claim (default) leaves the savepoint alone, claim deletes it once the"
                    + " job has a checkpoint of its own.",
                "-cm",
                "--claimMode"),
            yes("mode", Meaning.CLAIM_MODE, "Older name of -cm.", "-rm", "--restoreMode"),
            yes(
                "argument",
                Meaning.ARGUMENT,
                "An argument of the program, in front of those behind the jar; repeatable.",
                "-a",
                "--arguments"),
            yes(
                "jar",
                Meaning.JAR,
                "The program's jar; the first word that is no flag begins its arguments then.",
                "-j",
                "--jarfile"),
            later("file", "-py", "--python"),
            later("files", "-pyfs", "--pyFiles"),
            later("module", "-pym", "--pyModule"),
            later("file", "-pyreq", "--pyRequirements"),
            later("archives", "-pyarch", "--pyArchives"),
            later("path", "-pyexec", "--pyExecutable"),
            later("path", "-pyclientexec", "--pyClientExecutable"),
            later("path", "-pypath", "--pyPythonPath"));
    return built ? flags : allLater(flags);
  }

  /** Section 2, with the prefix y. */
  private static List<Flag> yarnRun() {
    return List.of(
        yes("type", Meaning.TYPE, "Type of the YARN application.", "-yat", "--yarnapplicationType"),
        yes("key=value", Meaning.YARN_PROPERTY, "The same as -D.", "-yD"),
        yes(null, Meaning.DETACHED, "The same as -d.", "-yd", "--yarndetached"),
        yes(null, Meaning.HELP, "Show this help.", "-yh", "--yarnhelp"),
        yes(
            "applicationId",
            Meaning.APPLICATION_ID,
            "The session to run in.",
            "-yid",
            "--yarnapplicationId"),
        notice(
            "jar",
            "has no effect: containers get the jars of this distribution",
            "-yj",
            "--yarnjar"),
        yes(
            "memory",
            Meaning.JOB_MANAGER_MEMORY,
            "Memory of the JobManager's container; a bare number means MB.",
            "-yjm",
            "--yarnjobManagerMemory"),
        yes(
            "memory",
            Meaning.TASK_MANAGER_MEMORY,
            "Memory of each TaskManager's container; a bare number means MB.",
            "-ytm",
            "--yarntaskManagerMemory"),
        yes(
            "label",
            Meaning.NODE_LABEL,
            "Label of the nodes to run on.",
            "-ynl",
            "--yarnnodeLabel"),
        yes("name", Meaning.NAME, "Name of the YARN application.", "-ynm", "--yarnname"),
        yes(
            null,
            Meaning.QUERY,
            "Show nodes and queues of the YARN cluster, and run nothing.",
            "-yq",
            "--yarnquery"),
        yes("queue", Meaning.QUEUE, "Queue of the YARN application.", "-yqu", "--yarnqueue"),
        yes("n", Meaning.SLOTS, "Slots of each TaskManager.", "-ys", "--yarnslots"),
        yes(
            "path",
            Meaning.SHIP,
            "A file or folder that every container finds; repeatable.",
            "-yt",
            "--yarnship"),
        notice(
            "namespace",
            "has no effect: on YARN no cluster needs ZooKeeper",
            "-yz",
            "--yarnzookeeperNamespace"),
        notice(
            "n",
            "is obsolete: as many TaskManagers are started as the job needs",
            "-yn",
            "--yarncontainer"),
        notice(null, "is obsolete: every job may stream", "-yst", "--yarnstreaming"));
  }

  /** Those of a cluster that is started, in no session. */
  private static List<Flag> yarnOfApplications() {
    return yarnRun().stream()
        .map(flag -> flag.meaning() == Meaning.APPLICATION_ID ? asLater(flag) : flag)
        .toList();
  }

  private static List<Flag> yarnOfClusterActions() {
    var flags = new ArrayList<Flag>();
    for (Flag flag : yarnRun()) {
      flags.add(
          switch (flag.meaning()) {
            case YARN_PROPERTY, HELP, OTHER -> flag;
            case APPLICATION_ID ->
                yes(
                    flag.argument(),
                    Meaning.APPLICATION_ID,
                    "The application to speak to.",
                    "-yid",
                    "--yarnapplicationId");
            default -> asLater(flag);
          });
    }
    return flags;
  }

  /** For actions that are not built: whatever scripts give them is refused by its own name. */
  private static List<Flag> yarnOfNoAction() {
    return allLater(yarnRun());
  }

  private static List<Flag> cleans() {
    return List.of(
        yes(
            null,
            Meaning.FORCE,
            "With -yid: also if YARN does not know the application, because you know that it"
                + " ended.",
            "--force"));
  }

  private static List<Flag> lists() {
    return List.of(
        yes(null, Meaning.RUNNING, "Only those that run or start again.", "-r", "--running"),
        yes(null, Meaning.SCHEDULED, "Only those that have not run yet.", "-s", "--scheduled"),
        yes(null, Meaning.ALL, "Those that have ended, too.", "-a", "--all"));
  }

  /** Of actions that read files only. */
  private static List<Flag> common() {
    return target(true).stream()
        .filter(flag -> flag.meaning() == Meaning.HELP || flag.meaning() == Meaning.PROPERTY)
        .toList();
  }

  private static List<Flag> shows() {
    return List.of(yes(null, Meaning.JSON, "Print it as JSON, for scripts.", "--json"));
  }

  private static List<Flag> checks() {
    var flags = new ArrayList<Flag>();
    flags.add(
        yes(
            "path",
            Meaning.RESTORE,
            "The savepoint or checkpoint that the program would start from.",
            "--from",
            "-s",
            "--fromSavepoint"));
    for (Flag flag : programs(true)) {
      boolean wanted =
          switch (flag.meaning()) {
            case MAIN_CLASS, CLASSPATH, PARALLELISM, ALLOW_NON_RESTORED -> true;
            default -> false;
          };
      if (wanted) {
        flags.add(flag);
      }
    }
    return flags;
  }

  private static List<Flag> cancels() {
    return List.of(
        yes(
            "[directory]",
            Meaning.SAVEPOINT,
            "Cancel with a savepoint, in this folder or the configured one.",
            "-s",
            "--withSavepoint"),
        format());
  }

  private static Flag format() {
    return yes(
        "type",
        Meaning.FORMAT,
        "canonical, as all savepoints are: any store reads them.",
        "--type");
  }

  private static List<Flag> stops() {
    return List.of(
        yes(
            "[directory]",
            Meaning.SAVEPOINT,
            "Folder for the savepoint, instead of the configured one.",
            "-p",
            "--savepointPath"),
        yes(
            null,
            Meaning.DRAIN,
            "End as if the input had ended: all timers fire before the savepoint.",
            "-d",
            "--drain"),
        format(),
        later(null, "-detached"));
  }

  private static List<Flag> savepoints() {
    return List.of(
        later("path", "-d", "--dispose"),
        later("jar", "-j", "--jarfile"),
        format(),
        later(null, "-detached"));
  }

  private static List<Flag> migrations() {
    return List.of(
        yes(null, Meaning.DRY_RUN, "Only show what would be done.", "--dry-run"),
        yes(
            "folder",
            Meaning.BACKUP,
            "Keep the originals there, for a folder that git does not have.",
            "--backup"));
  }

  /** Section 2, without prefix. */
  private static List<Flag> sessions() {
    return List.of(
        yes("type", Meaning.TYPE, "Type of the YARN application.", "-at", "--applicationType"),
        yes(
            "key=value",
            Meaning.PROPERTY,
            "Set a configuration key, for the session and as default for its jobs; repeatable.",
            "-D"),
        yes(null, Meaning.DETACHED, "Return as soon as the session runs.", "-d", "--detached"),
        yes(null, Meaning.HELP, "Show this help.", "-h", "--help"),
        yes(
            "applicationId",
            Meaning.APPLICATION_ID,
            "Attach to this session instead of starting one.",
            "-id",
            "--applicationId"),
        notice("jar", "has no effect: containers get the jars of this distribution", "-j", "--jar"),
        yes(
            "memory",
            Meaning.JOB_MANAGER_MEMORY,
            "Memory of the JobManager's container; a bare number means MB.",
            "-jm",
            "--jobManagerMemory"),
        yes(
            "memory",
            Meaning.TASK_MANAGER_MEMORY,
            "Memory of each TaskManager's container; a bare number means MB.",
            "-tm",
            "--taskManagerMemory"),
        yes("label", Meaning.NODE_LABEL, "Label of the nodes to run on.", "-nl", "--nodeLabel"),
        yes("name", Meaning.NAME, "Name of the YARN application.", "-nm", "--name"),
        yes(null, Meaning.QUERY, "Show nodes and queues of the YARN cluster.", "-q", "--query"),
        yes("queue", Meaning.QUEUE, "Queue of the YARN application.", "-qu", "--queue"),
        yes("n", Meaning.SLOTS, "Slots of each TaskManager.", "-s", "--slots"),
        yes(
            "path",
            Meaning.SHIP,
            "A file or folder that every container finds; repeatable.",
            "-t",
            "--ship"),
        notice(
            "namespace",
            "has no effect: on YARN no cluster needs ZooKeeper",
            "-z",
            "--zookeeperNamespace"),
        notice(
            "n",
            "is obsolete: as many TaskManagers are started as the jobs need",
            "-n",
            "--container"),
        notice(null, "is obsolete: every job may stream", "-st", "--streaming"),
        verbose(),
        yes("target", Meaning.MASTER, "Only yarn-cluster.", "-m", "--jobmanager"));
  }

  private static Flag yes(String argument, Meaning meaning, String text, String... names) {
    return new Flag(List.of(names), argument, meaning, Support.SUPPORTED, text);
  }

  private static Flag notice(String argument, String text, String... names) {
    return new Flag(List.of(names), argument, Meaning.OTHER, Support.NOTICE, text);
  }

  private static Flag later(String argument, String... names) {
    return new Flag(List.of(names), argument, Meaning.OTHER, Support.NOT_YET, "Not supported yet.");
  }

  private static Flag asLater(Flag flag) {
    return flag.support() == Support.SUPPORTED
        ? new Flag(
            flag.names(), flag.argument(), flag.meaning(), Support.NOT_YET, "Not supported yet.")
        : flag;
  }

  private static List<Flag> allLater(List<Flag> flags) {
    return flags.stream().map(Flags::asLater).toList();
  }

  @SafeVarargs
  private static List<Flag> join(List<Flag>... parts) {
    var all = new ArrayList<Flag>();
    for (List<Flag> part : parts) {
      all.addAll(part);
    }
    return List.copyOf(all);
  }

  private Flags() {}
}
