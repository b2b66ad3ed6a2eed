package io.millrace.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.CheckpointConfig.ExternalizedCheckpointCleanup;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** There is one truth: the keys of the configuration. */
class CheckpointConfigTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final CheckpointConfig config = env.getCheckpointConfig();

  @Test
  void whatIsSetHereAreKeysOfTheJob() {
    config.setCheckpointInterval(1_500);
    config.setCheckpointTimeout(60_000);
    config.setMinPauseBetweenCheckpoints(500);
    config.setMaxConcurrentCheckpoints(2);
    config.setTolerableCheckpointFailureNumber(3);
    config.setCheckpointingMode(CheckpointingMode.AT_LEAST_ONCE);
    config.enableUnalignedCheckpoints();
    config.setAlignedCheckpointTimeout(Duration.ofSeconds(2));
    config.setExternalizedCheckpointCleanup(ExternalizedCheckpointCleanup.DELETE_ON_CANCELLATION);
    config.setCheckpointStorage("hdfs:///checkpoints");

    assertThat(env.getConfiguration().asMap())
        .isEqualTo(
            Map.of(
                "execution.checkpointing.interval", "1500 ms",
                "execution.checkpointing.timeout", "60000 ms",
                "execution.checkpointing.min-pause", "500 ms",
                "execution.checkpointing.max-concurrent-checkpoints", "2",
                "execution.checkpointing.tolerable-failed-checkpoints", "3",
                "execution.checkpointing.mode", "AT_LEAST_ONCE",
                "execution.checkpointing.unaligned.enabled", "true",
                "execution.checkpointing.aligned-checkpoint-timeout", "2000 ms",
                "execution.checkpointing.externalized-checkpoint-retention",
                    "DELETE_ON_CANCELLATION",
                "execution.checkpointing.dir", "hdfs:///checkpoints"));
  }

  @Test
  void whatIsReadHereIsWhatCountsWhereverItWasSet() {
    env.set("state.checkpoints.dir", "hdfs:///old-name")
        .set("execution.checkpointing.interval", "3 s")
        .set("execution.checkpointing.timeout", "2 min")
        .set("execution.checkpointing.min-pause", "1 s")
        .set("execution.checkpointing.max-concurrent-checkpoints", "4")
        .set("execution.checkpointing.tolerable-failed-checkpoints", "5")
        .set("execution.checkpointing.mode", "at_least_once")
        .set("execution.checkpointing.unaligned", "true")
        .set("execution.checkpointing.alignment-timeout", "7 ms")
        .set(
            "execution.checkpointing.externalized-checkpoint-retention",
            "NO_EXTERNALIZED_CHECKPOINTS");

    assertThat(config.getCheckpointInterval())
        .isEqualTo(3_000)
        .isEqualTo(env.getCheckpointInterval());
    assertThat(config.getCheckpointTimeout()).isEqualTo(120_000);
    assertThat(config.getMinPauseBetweenCheckpoints()).isEqualTo(1_000);
    assertThat(config.getMaxConcurrentCheckpoints()).isEqualTo(4);
    assertThat(config.getTolerableCheckpointFailureNumber()).isEqualTo(5);
    assertThat(config.getCheckpointingMode())
        .isEqualTo(CheckpointingMode.AT_LEAST_ONCE)
        .isEqualTo(env.getCheckpointingMode());
    assertThat(config.isUnalignedCheckpointsEnabled()).isTrue();
    assertThat(config.getAlignedCheckpointTimeout()).isEqualTo(Duration.ofMillis(7));
    assertThat(config.getExternalizedCheckpointCleanup())
        .isEqualTo(ExternalizedCheckpointCleanup.NO_EXTERNALIZED_CHECKPOINTS)
        .isEqualTo(config.getExternalizedCheckpointRetention());
    assertThat(env.getConfiguration().get(JobSettings.CHECKPOINT_DIR))
        .isEqualTo("hdfs:///old-name");
  }

  @Test
  void checkpointsAreOnUntilDisabled() {
    assertThat(config.isCheckpointingEnabled()).isTrue();
    assertThat(config.getCheckpointInterval()).isEqualTo(10_000);

    config.disableCheckpointing();
    assertThat(config.isCheckpointingEnabled()).isFalse();

    env.enableCheckpointing(20, CheckpointingMode.AT_LEAST_ONCE);
    assertThat(config.getCheckpointInterval()).isEqualTo(20);
    assertThat(config.getCheckpointingMode()).isEqualTo(CheckpointingMode.AT_LEAST_ONCE);
  }

  @Test
  void valuesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> config.setCheckpointInterval(0)).hasMessageContaining("at least 1 ms");
    assertThatThrownBy(() -> config.setCheckpointTimeout(-1)).hasMessageContaining("at least 1 ms");
    assertThatThrownBy(() -> config.setMinPauseBetweenCheckpoints(-1))
        .hasMessageContaining("at least 0 ms");
    assertThatThrownBy(() -> config.setMaxConcurrentCheckpoints(0))
        .hasMessageContaining("execution.checkpointing.max-concurrent-checkpoints");
    assertThatThrownBy(() -> config.setAlignedCheckpointTimeout(Duration.ofMillis(-1)))
        .hasMessageContaining("at least 0 ms");
    assertThat(env.getConfiguration().asMap()).isEmpty();
  }

  @Test
  void theOtherSettingsAreKeysToo() {
    ExecutionConfig other = env.getConfig();
    other.setParallelism(3).setMaxParallelism(64).enableObjectReuse();
    other.setGlobalJobParameters(ParameterTool.fromMap(Map.of("region", "eu, north", "n", "1")));

    assertThat(env.getConfiguration().asMap())
        .isEqualTo(
            Map.of(
                "parallelism.default", "3",
                "pipeline.max-parallelism", "64",
                "pipeline.object-reuse", "true",
                "pipeline.global-job-parameters", "n:1,region:'eu, north'"));
    assertThat(other.getGlobalJobParameters().toMap())
        .isEqualTo(Map.of("region", "eu, north", "n", "1"));
    assertThat(env.getParallelism()).isEqualTo(other.getParallelism()).isEqualTo(3);
    assertThat(env.getMaxParallelism()).isEqualTo(other.getMaxParallelism()).isEqualTo(64);
    assertThat(other.disableObjectReuse().isObjectReuseEnabled()).isFalse();
  }

  @Test
  void aJobThatRunsCannotBeSetAnyMore() {
    var running = new ExecutionConfig(SettingsAccess.readOnly(Configuration.EMPTY));
    assertThat(running.getMaxParallelism()).isEqualTo(128);
    assertThatThrownBy(() -> running.setParallelism(2))
        .hasMessageContaining("parallelism.default cannot be set while the job runs");
  }
}
