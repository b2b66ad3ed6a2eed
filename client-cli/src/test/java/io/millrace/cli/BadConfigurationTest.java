package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong in a configuration is found here, at once, before anything is asked or loaded. */
class BadConfigurationTest {
  private static final long SOON_MILLIS = 5_000;

  private static Terminal run(String... words) {
    var all = new ArrayList<>(List.of("run", "-m", "yarn-cluster"));
    all.addAll(List.of(words));
    all.add("/no/such/program.jar");
    return Terminal.run(Map.of(), all.toArray(String[]::new));
  }

  private static void refused(Terminal terminal, String... parts) {
    assertThat(terminal.exitCode()).isEqualTo(1);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err()).hasLineCount(1).startsWith("millrace: ").contains(parts);
    assertThat(terminal.millis()).isLessThan(SOON_MILLIS);
  }

  @Test
  void aNameThatNoVariableCanHaveIsRefused() {
    for (String name : List.of("A B", "A;id", "1A", "A$(id)", "A\nB", "ü", "A-B")) {
      refused(run("-D", "containerized.master.env." + name + "=x"), "name of a variable");
      refused(run("-yD", "containerized.taskmanager.env." + name + "=x"), "name of a variable");
    }
  }

  /** Every key, each with values that no key of its kind allows. */
  static Stream<Arguments> wrongValues() {
    var rows = new ArrayList<Arguments>();
    for (List<Setting<?>> settings : Catalogue.chapters().values()) {
      for (Setting<?> setting : settings) {
        String kind = setting.allowed();
        List<String> wrong =
            kind.startsWith("a whole number")
                ? List.of("-7", "1.5", "many", "99999999999", "")
                : kind.startsWith("a number")
                    ? List.of("-7", "NaN", "1,5", "many", "")
                    : kind.startsWith("a time")
                        ? List.of("-1 s", "10 lightyears", "1.5 s", "s", "")
                        : kind.startsWith("a size")
                            ? List.of("-1m", "10 potatoes", "1.5g", "mb", "99999999999t")
                            : kind.startsWith("true") || kind.startsWith("one of")
                                ? List.of("yes", "1", "maybe", "")
                                : List.of();
        wrong.forEach(value -> rows.add(Arguments.of(setting.key(), value)));
      }
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("wrongValues")
  void namesKeyValueAndWhatIsAllowed(String key, String value) {
    refused(
        run("-D" + key + "=" + value),
        key,
        "'" + value + "'",
        "is not allowed: " + Catalogue.find(key).orElseThrow().allowed());
  }

  /** Every key with a letter too many. */
  static Stream<String> keys() {
    return Catalogue.chapters().values().stream().flatMap(List::stream).map(Setting::key);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void namesTheNearestKey(String key) {
    String typed = key.substring(0, key.length() - 1) + "x" + key.charAt(key.length() - 1);
    refused(run("-yD", typed + "=1"), "unknown key " + typed, "did you mean " + key + "?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -ytm 100                                     | 100m of taskmanager.memory.process.size
          -yjm 1                                       | 1m of jobmanager.memory.process.size
          -yjm 0                                       | 0m of jobmanager.memory.process.size
          -ytm 500 -ys 20                              | taskmanager.memory.process.size
          -ytm 1024x                                   | '1024x' of taskmanager.memory.process.size
          -ys 0                                        | '0' of taskmanager.numberOfTaskSlots
          -p 0                                         | '0' of parallelism.default
          -p -1                                        | '-1' of parallelism.default
          -p 200 -Dpipeline.max-parallelism=128        | parallelism.default (200) must not be above pipeline.max-parallelism (128)
          -Dheartbeat.interval=10s                     | heartbeat.interval (10s) must be below heartbeat.timeout (5 s)
          -Dheartbeat.timeout=10min                    | must be below jobmanager.silence.timeout
          -Dheartbeat.interval=0                       | the value 0 of heartbeat.interval
          -Dexecution.checkpointing.timeout=0s         | the value 0 of execution.checkpointing.timeout
          -Drestart-strategy.failure-rate.failure-rate-interval=0 | the value 0 of restart-strategy.failure-rate.failure-rate-interval
          -Dyarn.containers.vcores=0                   | the value 0 of yarn.containers.vcores
          -Drestart-strategy.exponential-delay.max-backoff=1ms | must not be above restart-strategy.exponential-delay.max-backoff
          -Drestart-strategy=sometimes                 | 'sometimes' of restart-strategy.type
          -Dparallelism                                | expected key=value
          -D=4                                         | expected key=value
          -t yarn-per-job -yid application_1_1         | -t yarn-per-job and -yid application_1_1 contradict each other
          -t yarn-session                              | which session is not said; add -yid and its id
          -Dexecution.target=remote                    | contradict each other
          """)
  void refusesWhatCannotWork(String words, String complaint) {
    refused(run(words.split(" ")), complaint);
  }

  @Test
  void aFolderOfConfigurationThatIsMissingIsADeathBeforeTheAction() {
    Terminal terminal = Terminal.run(Map.of("MILLRACE_CONF_DIR", "/no/such/folder"), "list");
    assertThat(terminal.exitCode()).isEqualTo(31);
    assertThat(terminal.err()).contains("MILLRACE_CONF_DIR=/no/such/folder");
  }

  @Test
  void saysWhichLineOfTheFileIsWrong(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("config.yaml"), "# mine\nparallelism:\n  default: lots\n");
    Terminal terminal =
        Terminal.run(
            Map.of("MILLRACE_CONF_DIR", folder.toString()), "run", "-m", "yarn-cluster", "x.jar");
    refused(terminal, "config.yaml, line 3", "'lots' of parallelism.default");
  }

  @Test
  void wantsToKnowWhereHadoopIsConfigured(@TempDir Path folder) throws Exception {
    refused(Terminal.run(Map.of(), "list"), "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set");
    refused(
        Terminal.run(Map.of("HADOOP_CONF_DIR", "/no/such"), "list"),
        "HADOOP_CONF_DIR=/no/such is not a folder");
    refused(
        Terminal.run(Map.of("YARN_CONF_DIR", folder.toString()), "list"),
        "there is no yarn-site.xml in " + folder);
  }

  @Test
  void kerberosIsNotSupportedYet(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("yarn-site.xml"), "<configuration/>");
    Files.writeString(
        folder.resolve("core-site.xml"),
        "<configuration><property><name>hadoop.security.authentication</name>"
            + "<value>kerberos</value></property></configuration>");
    refused(
        Terminal.run(Map.of("HADOOP_CONF_DIR", folder.toString()), "list"),
        "Kerberos is not supported yet");
  }

  @Test
  void wantsATargetAndAProgram() {
    refused(Terminal.run(Map.of(), "run", "x.jar"), "add -m yarn-cluster");
    refused(Terminal.run(Map.of(), "run", "-m", "yarn-cluster"), "no program given");
    refused(Terminal.run(Map.of(), "rum"), "unknown action rum; did you mean run?");
    refused(Terminal.run(Map.of()), "no action given");
  }
}
