package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static Options run(String... words) {
    return Options.of(Words.parse("run", List.of(words)), Configuration.EMPTY);
  }

  @Test
  void bothFamiliesSayTheSame() {
    Configuration yarn =
        run(
                "-m",
                "yarn-cluster",
                "-yjm",
                "1024",
                "-ytm",
                "2g",
                "-ys",
                "2",
                "-yqu",
                "q",
                "-ynm",
                "n",
                "-yat",
                "T",
                "-ynl",
                "l",
                "-p",
                "3",
                "-yd",
                "-yDyarn.tags=a")
            .configuration();
    Configuration generic =
        run(
                "-t",
                "yarn-per-job",
                "-Djobmanager.memory.process.size=1024m",
                "-Dtaskmanager.memory.process.size=2g",
                "-Dtaskmanager.numberOfTaskSlots=2",
                "-Dyarn.application.queue=q",
                "-Dyarn.application.name=n",
                "-Dyarn.application.type=T",
                "-Dyarn.application.node-label=l",
                "-Dparallelism.default=3",
                "-Dexecution.attached=false",
                "-Dyarn.tags=a")
            .configuration();
    assertThat(yarn).isEqualTo(generic);
  }

  @Test
  void theMoreSpecificFlagWinsAndAWarningNamesBoth() {
    Options options =
        run(
            "-yqu",
            "a",
            "-Dyarn.application.queue=b",
            "-yDparallelism.default=2",
            "-D",
            "parallelism.default=4",
            "-t",
            "yarn-per-job",
            "-m",
            "yarn-cluster");
    assertThat(options.configuration().asMap())
        .containsEntry("yarn.application.queue", "a")
        .containsEntry("parallelism.default", "2");
    assertThat(options.warnings())
        .containsExactlyInAnyOrder(
            "-yqu a wins over -D yarn.application.queue=b",
            "-yD parallelism.default=2 wins over -D parallelism.default=4");
  }

  @Test
  void theCommandLineWinsOverTheFile() {
    var file = new Configuration(Map.of("parallelism.default", "8", "yarn.tags", "x"));
    Options options = Options.of(Words.parse("run", List.of("-p", "2")), file);
    assertThat(options.configuration().asMap())
        .containsEntry("parallelism.default", "2")
        .containsEntry("yarn.tags", "x");
    assertThat(options.warnings()).isEmpty();
  }

  @Test
  void filesToShipAddUp() {
    Options options = run("-yt", "a", "-yt", "b c");
    assertThat(options.configuration().asMap()).containsEntry("yarn.ship-files", "a;b c");
    assertThat(options.warnings()).isEmpty();
  }

  @Test
  void noFlagIsIgnoredInSilence() {
    assertThat(run("-sae", "-yd").warnings())
        .containsExactly("-sae has no effect with -d: the job outlives run");
    assertThat(run("-sae", "-Dexecution.attached=false").warnings()).hasSize(1);
    assertThat(run("-sae").warnings()).isEmpty();
    assertThat(run("--allowNonRestoredState").warnings())
        .containsExactly("--allowNonRestoredState has no effect without -s: no state is restored");
    assertThat(run("-n", "-s", "/a").warnings()).isEmpty();
  }

  @Test
  void whoNamesASessionRunsThere() {
    for (String words :
        List.of(
            "-yid application_1_1",
            "-m yarn-cluster -yid application_1_1",
            "-t yarn-session -Dyarn.application.id=application_1_1",
            "-t yarn-session -m yarn-cluster -yid application_1_1",
            "-Dexecution.target=yarn-session -yDyarn.application.id=application_1_1")) {
      Options options = run(words.split(" "));
      assertThat(options.configuration().asMap())
          .as(words)
          .containsEntry("execution.target", "yarn-session")
          .containsEntry("yarn.application.id", "application_1_1");
      assertThat(options.warnings()).as(words).isEmpty();
    }
    assertThat(run("-m", "yarn-cluster").configuration().asMap())
        .containsEntry("execution.target", "yarn-per-job");
    assertThatThrownBy(() -> run("-t", "yarn-per-job", "-yid", "application_1_1"))
        .hasMessage(
            "-t yarn-per-job and -yid application_1_1 contradict each other; leave one out");
  }

  @Test
  void aConfiguredSessionGivesWayToAClusterOfItsOwn() {
    var file = new Configuration(Map.of("yarn.application.id", "application_1_1"));
    Options options = Options.of(Words.parse("run", List.of("-t", "yarn-per-job")), file);
    assertThat(options.configuration().asMap()).containsEntry("execution.target", "yarn-per-job");
    assertThat(options.warnings())
        .containsExactly("yarn.application.id has no effect with -t yarn-per-job");
    assertThat(Options.of(Words.parse("run", List.of()), file).configuration().asMap())
        .containsEntry("execution.target", "yarn-session");
  }

  @Test
  void whatIsOfContainersHasNoEffectInASession() {
    assertThat(run("-yid", "application_1_1", "-ytm", "1g", "-p", "2", "-d").warnings())
        .containsExactly("-ytm 1g has no effect: the session's containers are as it was started");
  }

  @Test
  void otherTargetsAreNotSupportedYet() {
    assertThatThrownBy(() -> run("-t", "local")).hasMessage("-t local is not supported yet");
    assertThatThrownBy(() -> run("-m", "local"))
        .hasMessage("-m local is not supported; give yarn-cluster, or host:port of a session");
  }

  @Test
  void anAddressIsThatOfASession() {
    assertThat(run("-m", "host:8081").configuration().asMap())
        .containsEntry("execution.target", "yarn-session")
        .doesNotContainKey("yarn.application.id");
    assertThatThrownBy(() -> run("-t", "yarn-per-job", "-m", "host:8081"))
        .hasMessage("-t yarn-per-job and -m host:8081 contradict each other; leave one out");
    assertThat(run("-m", "host:8081", "-yid", "application_1_1").warnings())
        .containsExactly("-yid application_1_1 wins over -m host:8081");
    for (String action : List.of("list", "yarn-session")) {
      Words words = Words.parse(action, List.of("-m", "host:8081"));
      assertThatThrownBy(() -> Options.of(words, Configuration.EMPTY))
          .hasMessageStartingWith("-m host:8081 is for run only; name the session by its");
    }
  }

  private static String target(String action, String... words) {
    Words parsed = Words.parse(action, List.of(words));
    return Options.of(parsed, Configuration.EMPTY, true)
        .orRemote(parsed)
        .configuration()
        .asMap()
        .getOrDefault("execution.target", "none");
  }

  @Test
  void whereThereIsAKeyTheStandaloneClusterIsMeantUnlessYarnIsNamed() {
    for (String action : List.of("run", "list", "cancel", "savepoint", "stop")) {
      assertThat(target(action)).isEqualTo("remote");
      assertThat(target(action, "-m", "host:6123")).isEqualTo("remote");
      assertThat(target(action, "-t", "remote")).isEqualTo("remote");
      assertThat(target(action, "-t", "yarn-session")).isEqualTo("yarn-session");
      assertThat(target(action, "-m", "yarn-cluster")).isEqualTo("yarn-per-job");
      assertThat(target(action, "-yid", "application_1_1")).isNotEqualTo("remote");
      assertThat(target(action, "-yDyarn.tags=a")).isEqualTo("none");
    }
    assertThat(target("run", "-t", "yarn-session", "-m", "host:6123")).isEqualTo("yarn-session");
    assertThat(target("run", "-yqu", "queue")).isEqualTo("none");
    for (String action : List.of("state show", "state check")) {
      assertThat(target(action)).isEqualTo("remote");
      assertThat(target(action, "-Dexecution.target=yarn-per-job")).isEqualTo("yarn-per-job");
      assertThat(target(action, "-Dyarn.application.id=application_1_1")).isEqualTo("none");
    }
    for (String action : List.of("clean", "run-application", "yarn-session")) {
      assertThat(target(action)).isEqualTo("none");
    }
  }

  @Test
  void whatIsOfItsProcessesHasNoEffectForAJobOfAStandaloneCluster() {
    Words words =
        Words.parse(
            "run",
            List.of("-t", "remote", "-ytm", "1g", "-p", "2", "-Dhigh-availability.cluster-id=a"));
    assertThat(Options.of(words, Configuration.EMPTY, true).warnings())
        .containsExactly("-ytm 1g has no effect: the cluster's processes are as it was started");
  }

  @Test
  void theFlagsOfASessionSayWhatTheirTwinsOfRunSay() {
    String flags =
        "-jm 1024 -tm 2g -s 2 -qu q -nm n -at T -nl l -d -Dyarn.tags=a -t f -m yarn-cluster";
    String twins = "-yjm 1024 -ytm 2g -ys 2 -yqu q -ynm n -yat T -ynl l -yd -yDyarn.tags=a -yt f";
    Options session =
        Options.of(Words.parse("yarn-session", List.of(flags.split(" "))), Configuration.EMPTY);
    assertThat(session.configuration()).isEqualTo(run(twins.split(" ")).configuration());
    assertThat(session.warnings()).isEmpty();
    assertThat(
            Options.of(
                    Words.parse("yarn-session", List.of("-id", "application_1_1", "-tm", "2g")),
                    Configuration.EMPTY)
                .warnings())
        .containsExactly("-tm 2g has no effect: the session's containers are as it was started");
  }

  @Test
  void theNamespaceNamesAStandaloneCluster() {
    String noEffect = "-z second has no effect: on YARN no cluster needs ZooKeeper";

    assertThat(withNamespace("run", true)).isEmpty();
    assertThat(withNamespace("list", true)).isEmpty();
    assertThat(withNamespace("run", true, "-t", "yarn-session", "-yid", "a"))
        .containsExactly(noEffect);
    assertThat(withNamespace("cancel", true, "-yid", "a")).containsExactly(noEffect);
    assertThat(withNamespace("run-application", true)).containsExactly(noEffect);
    assertThat(withNamespace("run", false, "-m", "yarn-cluster")).containsExactly(noEffect);
  }

  private static List<String> withNamespace(String action, boolean standalone, String... more) {
    var typed = new ArrayList<>(List.of("-z", "second"));
    typed.addAll(List.of(more));
    Words words = Words.parse(action, typed);
    Options options = Options.of(words, Configuration.EMPTY, standalone);
    assertThat(options.configuration().asMap())
        .containsEntry("high-availability.cluster-id", "second");
    Options placed = standalone ? options.orRemote(words) : options;
    return placed.checkedForPlace(words).warnings();
  }

  @Test
  void theOlderNameOfATargetIsOne() {
    assertThat(run("-e", "yarn-per-job").configuration())
        .isEqualTo(run("-t", "yarn-per-job").configuration());
    assertThatThrownBy(() -> run("--executor", "local"))
        .hasMessage("--executor local is not supported yet");
  }

  @Test
  void savepointsAreOfOneFormat() {
    assertThat(format("canonical").warnings()).isEmpty();
    assertThat(format("NATIVE").warnings())
        .containsExactly(
            "--type NATIVE has no effect: savepoints are canonical, and any store reads them");
    assertThatThrownBy(() -> format("fast"))
        .hasMessage("--type fast: expected canonical or native");
  }

  private static Options format(String type) {
    return Options.of(
        Words.parse("stop", List.of("--type", type, "0".repeat(32))), Configuration.EMPTY);
  }
}
