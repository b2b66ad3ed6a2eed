package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.Watermark;
import io.millrace.api.eventtime.WatermarkGenerator;
import io.millrace.api.eventtime.WatermarkGeneratorSupplier;
import io.millrace.api.eventtime.WatermarkOutput;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichSinkFunction;
import io.millrace.api.function.SinkFunction;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records leave a job through functions of the program. */
@Timeout(120)
class SinkFunctionTest {
  private static final List<String> HEARD = new CopyOnWriteArrayList<>();

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  private static final class Tells extends RichSinkFunction<Long>
      implements CheckpointedFunction, CheckpointListener {
    @Override
    public void initializeState(FunctionInitializationContext context) {
      HEARD.add("restored " + context.isRestored());
    }

    @Override
    public void open(OpenContext context) {
      HEARD.add("open " + getRuntimeContext().getTaskInfo().getTaskName());
    }

    @Override
    public void invoke(Long n, Context context) {
      HEARD.add(n + " at " + context.timestamp() + " after " + (context.currentWatermark() < 0));
    }

    @Override
    public void writeWatermark(Watermark watermark) {
      HEARD.add("watermark " + watermark.equals(Watermark.MAX_WATERMARK));
    }

    @Override
    public void finish() {
      HEARD.add("finish");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      HEARD.add("cut");
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      HEARD.add("complete");
    }

    @Override
    public void close() {
      HEARD.add("close");
    }
  }

  @Test
  void livesFromItsOpeningToTheLastCheckpoint() throws Exception {
    HEARD.clear();
    env.disableCheckpointing();
    env.fromElements(1L, 2L)
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Long>noWatermarks().withTimestampAssigner((n, old) -> n * 1_000))
        .addSink(new Tells())
        .name("teller");

    env.execute();

    assertThat(HEARD)
        .containsExactly(
            "restored false",
            "open teller",
            "1 at 1000 after true",
            "2 at 2000 after true",
            "watermark true",
            "finish",
            "cut",
            "complete",
            "close");
  }

  /** Holds nobody back, and goes on. */
  private static final class AheadOfAllTime
      implements WatermarkStrategy<Long>, WatermarkGenerator<Long> {
    @Override
    public WatermarkGenerator<Long> createWatermarkGenerator(
        WatermarkGeneratorSupplier.Context context) {
      return this;
    }

    @Override
    public void onEvent(Long event, long timestamp, WatermarkOutput output) {
      output.emitWatermark(Watermark.MAX_WATERMARK);
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }

  @Test
  void isFinishedByTheEndOfTheInputAndNotByAWatermarkBeyondAllTime() throws Exception {
    HEARD.clear();
    env.disableCheckpointing();
    env.fromElements(1L, 2L)
        .assignTimestampsAndWatermarks(new AheadOfAllTime())
        .addSink(new Tells())
        .name("teller");

    env.execute();

    assertThat(HEARD)
        .containsExactly(
            "restored false",
            "open teller",
            "1 at null after true",
            "watermark true",
            "2 at null after false",
            "finish",
            "cut",
            "complete",
            "close");
  }

  /** The short form. */
  private static final class Keeps implements SinkFunction<String> {
    @Override
    public void invoke(String value) {
      HEARD.add(value);
    }
  }

  @Test
  void mayAskForTheRecordAlone() throws Exception {
    HEARD.clear();
    env.fromElements("a", "b").addSink(new Keeps());
    env.execute();
    assertThat(HEARD).containsExactly("a", "b");
  }

  private static final class Nothing implements SinkFunction<String> {}

  @Test
  void tellsThatNoFormIsThere() {
    env.set("restart-strategy.type", "none");
    env.fromElements("a").addSink(new Nothing());
    assertThatThrownBy(env::execute).hasMessageContaining("overrides no form of invoke");
  }
}
