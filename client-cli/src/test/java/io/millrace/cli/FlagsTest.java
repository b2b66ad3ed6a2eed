package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.YarnApplication;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole contract of flags, written down a second time, by action. */
class FlagsTest {
  private static final String YARN_OF_NO_USE = "-yj --yarnjar -yz --yarnzookeeperNamespace";
  private static final String YARN_HELP = "-yh --yarnhelp";
  private static final String YARN_QUERY = "-yq --yarnquery";
  private static final String YARN =
      "-yat --yarnapplicationType -yD -yd --yarndetached -yjm --yarnjobManagerMemory"
          + " -ytm --yarntaskManagerMemory -ynl --yarnnodeLabel -ynm --yarnname -yqu --yarnqueue"
          + " -ys --yarnslots -yt --yarnship";
  private static final String OBSOLETE = "-yn --yarncontainer -yst --yarnstreaming";
  private static final String GENERIC =
      "-t --target -e --executor -m --jobmanager -D -h --help -z --zookeeperNamespace";
  private static final String RUN =
      "-c --class -C --classpath -p --parallelism -d --detached -sae --shutdownOnAttachedExit"
          + " -s --fromSavepoint -n --allowNonRestoredState"
          + " -cm --claimMode -rm --restoreMode -a --arguments -j --jarfile";
  private static final String RUN_LATER =
      "-py --python -pyfs --pyFiles -pym --pyModule -pyreq --pyRequirements"
          + " -pyarch --pyArchives -pyexec --pyExecutable -pyclientexec --pyClientExecutable"
          + " -pypath --pyPythonPath";
  private static final String SESSION =
      "-at --applicationType -D -d --detached -h --help -id --applicationId -j --jar"
          + " -jm --jobManagerMemory -tm --taskManagerMemory -nl --nodeLabel -nm --name -q --query"
          + " -qu --queue -s --slots -t --ship -z --zookeeperNamespace -n --container"
          + " -st --streaming -m --jobmanager -v --verbose";

  /** What only {@code run} takes. */
  private static final String YARN_OF_RUN = YARN.replace(" -yD", "");

  /** Flags that are known and refused by name. */
  static Stream<Arguments> later() {
    var rows = new ArrayList<Arguments>();
    add(rows, "run", RUN_LATER);
    add(rows, "stop", "-detached");
    add(rows, "savepoint", "-d --dispose -j --jarfile -detached");
    for (String action : List.of("list", "cancel", "stop", "savepoint", "clean")) {
      add(rows, action, YARN_OF_RUN, YARN_QUERY);
    }
    add(rows, "run-application", RUN_LATER, "-yid --yarnapplicationId");
    add(rows, "info", RUN, RUN_LATER);
    add(rows, "checkpoint", "--full");
    for (String action : List.of("info", "checkpoint")) {
      add(rows, action, GENERIC, YARN, YARN_HELP, YARN_QUERY, "-yid --yarnapplicationId");
    }
    return rows.stream();
  }

  private static void add(List<Arguments> rows, String action, String... flags) {
    for (String some : flags) {
      for (String flag : some.split(" ")) {
        rows.add(Arguments.of(action, flag));
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("later")
  void refusesByNameWhatIsNotBuilt(String action, String flag) {
    String said = Flags.ACTIONS.contains(action) ? flag : action + ": " + flag;

    Terminal terminal = Terminal.run(Map.of(), action, flag, "x", "y.jar");

    assertThat(terminal.exitCode()).isEqualTo(1);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err()).isEqualTo("millrace: " + said + " is not supported yet\n");
  }

  @Test
  void refusesByNameWhatHasItsValueGluedOn() {
    for (String typed :
        List.of("info -p4", "info --parallelism=4", "info -yDa=b", "checkpoint -Da=b")) {
      String[] words = typed.split(" ");
      String flag = words[1].replaceAll("(?<=-p)4|=4|a=b", "");
      assertThat(Terminal.run(Map.of(), words).err())
          .isEqualTo("millrace: " + words[0] + ": " + flag + " is not supported yet\n");
    }
    assertThat(Terminal.run(Map.of(), "info", "a.jar").err())
        .isEqualTo("millrace: info is not supported yet\n");
  }

  @Test
  void acceptsWhatIsBuilt() {
    for (String flags :
        List.of(
            YARN,
            YARN_HELP,
            YARN_QUERY,
            YARN_OF_NO_USE,
            GENERIC,
            RUN,
            OBSOLETE,
            "-v --verbose -yid --yarnapplicationId")) {
      for (String flag : flags.split(" ")) {
        Flag found = Flags.find("run", flag).orElseThrow();
        List<String> words =
            found.takesArgument() ? List.of(flag, "a=1", "x.jar") : List.of(flag, "x.jar");
        Words parsed = Words.parse("run", words);
        assertThat(parsed.given()).hasSize(1);
        boolean names = List.of(Meaning.JAR, Meaning.ARGUMENT).contains(found.meaning());
        assertThat(parsed.rest()).hasSize(names ? 2 : 1).contains("x.jar");
        boolean isOfSession = found.meaning() == Flag.Meaning.APPLICATION_ID;
        assertThat(Flags.find("run-application", flag).orElseThrow().support())
            .isEqualTo(isOfSession ? Flag.Support.NOT_YET : found.support());
        assertThat(parsed.notices()).hasSize(found.support() == Flag.Support.NOTICE ? 1 : 0);
        boolean isOfNoUse = (OBSOLETE + " " + YARN_OF_NO_USE + " ").contains(flag + " ");
        assertThat(found.support() == Flag.Support.NOTICE).as(flag).isEqualTo(isOfNoUse);
      }
    }
    for (String action : List.of("list", "savepoint", "stop", "cancel", "clean")) {
      for (String flag : (GENERIC + " -yid --yarnapplicationId -yD").split(" ")) {
        assertThat(Flags.find(action, flag).orElseThrow().support())
            .as(action + " " + flag)
            .isEqualTo(Flag.Support.SUPPORTED);
      }
    }
  }

  @Test
  void everyFlagOfASessionIsAccepted() {
    Set<String> table = new TreeSet<>();
    Flags.of("yarn-session").forEach(flag -> table.addAll(flag.names()));
    assertThat(table).isEqualTo(new TreeSet<>(List.of(SESSION.split(" "))));
    for (String flag : SESSION.split(" ")) {
      boolean takes = Flags.find("yarn-session", flag).orElseThrow().takesArgument();
      Words words = Words.parse("yarn-session", takes ? List.of(flag, "a=1") : List.of(flag));
      assertThat(words.rest()).as(flag).isEmpty();
    }
    assertThat(
            Words.parse("yarn-session", List.of("-n", "4", "-s2", "-st", "-z", "a", "-j", "b"))
                .notices())
        .containsExactly(
            "-n is obsolete: as many TaskManagers are started as the jobs need",
            "-st is obsolete: every job may stream",
            "-z has no effect: on YARN no cluster needs ZooKeeper",
            "-j has no effect: containers get the jars of this distribution");
  }

  @Test
  void everyFlagOfTheTableStandsInTheContract() {
    Set<String> contract = new TreeSet<>();
    for (String flags :
        List.of(YARN, YARN_HELP, YARN_QUERY, YARN_OF_NO_USE, OBSOLETE, GENERIC, RUN, RUN_LATER)) {
      contract.addAll(List.of(flags.split(" ")));
    }
    contract.addAll(List.of("-v", "--verbose", "-yid", "--yarnapplicationId"));
    Set<String> table = new TreeSet<>();
    Flags.of("run").forEach(flag -> table.addAll(flag.names()));
    assertThat(table).isEqualTo(contract);
  }

  @Test
  void theProgramMayBeNamedByFlags() {
    assertThat(Words.parse("run", List.of("-j", "a.jar", "-p", "2", "b", "-c")).rest())
        .containsExactly("a.jar", "b", "-c");
    assertThat(Words.parse("run", List.of("-a", "--in", "-a", "x", "a.jar", "y")).rest())
        .containsExactly("a.jar", "--in", "x", "y");
    assertThat(Words.parse("run", List.of("-a", "x", "-j", "a.jar")).rest())
        .containsExactly("a.jar", "x");
    assertThat(Words.parse("run-application", List.of("-a", "x")).rest()).isEmpty();
    assertThat(Words.parse("run", List.of("-j", "a.jar", "--input", "x", "-p", "3")).rest())
        .containsExactly("a.jar", "--input", "x", "-p", "3");
  }

  @Test
  void stopsAtTheFirstWordThatIsNoFlag() {
    Words words =
        Words.parse("run", List.of("-p", "2", "a.jar", "-p", "3", "--input", "x", "-yn", "-foo"));
    assertThat(words.last(Meaning.PARALLELISM).orElseThrow().argument()).isEqualTo("2");
    assertThat(words.rest()).containsExactly("a.jar", "-p", "3", "--input", "x", "-yn", "-foo");
    assertThat(Words.parse("run", List.of("--", "-x.jar")).rest()).containsExactly("-x.jar");
  }

  @Test
  void flagsMayStandBehindTheWordsOfActionsWithoutAProgram() {
    String job = "0123456789abcdef0123456789abcdef";
    for (String action : List.of("cancel", "stop", "savepoint", "list", "clean")) {
      Words words = Words.parse(action, List.of(job, "-yid", "application_1_1", "-D", "a=b"));
      assertThat(words.rest()).as(action).containsExactly(job);
      assertThat(words.last(Meaning.APPLICATION_ID).orElseThrow().argument())
          .isEqualTo("application_1_1");
      assertThat(words.has(Meaning.PROPERTY)).isTrue();
    }
    assertThat(Words.parse("savepoint", List.of(job, "-yid", "a", "/folder")).rest())
        .containsExactly(job, "/folder");
    assertThat(Words.parse("cancel", List.of(job, "-s")).has(Meaning.SAVEPOINT)).isTrue();
    assertThat(Words.parse("state show", List.of("/path", "--json")).has(Meaning.JSON)).isTrue();
    assertThat(Words.parse("migrate", List.of("a", "--dry-run")).has(Meaning.DRY_RUN)).isTrue();
    assertThat(Words.parse("clean", List.of("--", "-a", "-b")).rest()).containsExactly("-a", "-b");
    assertThatThrownBy(() -> Words.parse("cancel", List.of(job, "-foo")))
        .hasMessageContaining("unknown flag -foo of cancel");
    assertThat(Words.parse("state check", List.of("--from", "/a", "a.jar", "-n")).rest())
        .containsExactly("a.jar", "-n");
  }

  @Test
  void theCommandThatCancelsAJobIsOneThatWorks() {
    var job = new JobId("0123456789abcdef0123456789abcdef");
    String printed = YarnApplication.cancelCommand("application_1_1", job);
    List<String> typed = List.of(printed.split(" "));
    assertThat(typed.subList(0, 2)).containsExactly("millrace", "cancel");
    Words words = Words.parse("cancel", typed.subList(2, typed.size()));
    assertThat(SavepointErrand.job("cancel", words.rest(), 1)).isEqualTo(job);
    assertThat(words.last(Meaning.APPLICATION_ID).orElseThrow().argument())
        .isEqualTo("application_1_1");
  }

  @Test
  void readsAllWaysToWriteAValue() {
    Words words =
        Words.parse(
            "run",
            List.of("-p4", "-yD", "a=b", "-yDc=d=e", "-Df=g", "-D", "h=i", "--class=X", "-ys=2"));
    assertThat(words.given().stream().map(given -> given.name() + ":" + given.argument()))
        .containsExactly("-p:4", "-yD:a=b", "-yD:c=d=e", "-D:f=g", "-D:h=i", "--class:X", "-ys:2");
  }

  @Test
  void takesAFolderOrNone() {
    String job = "0123456789abcdef0123456789abcdef";
    for (List<String> typed :
        List.of(
            List.of("stop", "-p", "/a/b", job),
            List.of("stop", "-p", job),
            List.of("stop", "-p", "-d", job),
            List.of("cancel", "-s", "hdfs:///a", job),
            List.of("cancel", "--withSavepoint=/a", job),
            List.of("cancel", "-s", job))) {
      Words words = Words.parse(typed.get(0), typed.subList(1, typed.size()));
      assertThat(words.rest()).containsExactly(job);
      String folder = words.last(Meaning.SAVEPOINT).orElseThrow().argument();
      assertThat(folder == null).isEqualTo(!typed.toString().contains("/a"));
    }
  }

  @Test
  void namesTheNearestFlagForAnUnknownOne() {
    assertThatThrownBy(() -> Words.parse("run", List.of("--paralelism", "3", "x.jar")))
        .hasMessage(
            "unknown flag --paralelism of run; did you mean --parallelism? (millrace run -h lists"
                + " all)");
    assertThatThrownBy(() -> Words.parse("run", List.of("-yjn", "512", "x.jar")))
        .as("none that has no effect")
        .hasMessageContaining("did you mean -yjm?");
    assertThatThrownBy(() -> Words.parse("run", List.of("-p"))).hasMessageContaining("-p wants");
  }

  @Test
  void tellsPhasesWhereSomethingStarts() {
    for (String flag : List.of("-v", "--verbose")) {
      for (String action : List.of("run", "run-application", "yarn-session")) {
        Words words = Words.parse(action, List.of(flag));
        assertThat(words.has(Meaning.VERBOSE)).as(action).isTrue();
        assertThat(words.notices()).isEmpty();
      }
      for (String action : List.of("list", "savepoint", "stop", "cancel", "clean")) {
        assertThat(Words.parse(action, List.of(flag)).notices())
            .containsExactly(flag + " has no effect: what happens is always said");
      }
    }
  }

  @Test
  void saysWhatHappensInsteadOfAnObsoleteFlag() {
    assertThat(Words.parse("run", List.of("-yn", "4", "-yst", "x.jar")).notices())
        .containsExactly(
            "-yn is obsolete: as many TaskManagers are started as the job needs",
            "-yst is obsolete: every job may stream");
  }
}
