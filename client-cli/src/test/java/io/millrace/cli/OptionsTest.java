package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
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
  void otherTargetsAreNotSupportedYet() {
    assertThatThrownBy(() -> run("-t", "yarn-session"))
        .hasMessage("-t yarn-session is not supported yet");
    assertThatThrownBy(() -> run("-m", "host:8081"))
        .hasMessage("-m host:8081 is not supported yet");
  }
}
