package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.AllWindowedStream;
import io.millrace.api.ConnectedStreams;
import io.millrace.api.DataStreamSink;
import io.millrace.api.KeyedStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.WindowedStream;
import io.millrace.api.config.CheckpointConfig;
import io.millrace.api.config.ExecutionConfig;
import io.millrace.api.function.RuntimeContext;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables keep up with the API. */
class CounterpartsTest {
  private final Counterparts counterparts = Counterparts.load();

  @Test
  void everyCounterpartIsAClassThatProgramsCanUse() throws Exception {
    assertThat(counterparts.classes()).hasSizeGreaterThan(100);
    for (String name : counterparts.classes().values()) {
      for (Class<?> each = find(name); each != null; each = each.getDeclaringClass()) {
        assertThat(Modifier.isPublic(each.getModifiers())).as(name).isTrue();
      }
    }
  }

  /** A nested class stands behind the name of the class that it is in. */
  private static Class<?> find(String name) throws ClassNotFoundException {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      int dot = name.lastIndexOf('.');
      return Class.forName(name.substring(0, dot) + "$" + name.substring(dot + 1));
    }
  }

  /** What programs for streams import most; the class has to be ours, not only the import. */
  @Test
  void whatTypicalProgramsImportHasACounterpart() {
    String common = "org.apache.flink.api.common.";
    assertThat(counterparts.classes())
        .containsKeys(
            common + "functions.RichJoinFunction",
            common + "functions.RichFlatJoinFunction",
            common + "functions.RichCoGroupFunction",
            common + "accumulators.IntCounter",
            common + "cache.DistributedCache",
            common + "ExecutionConfig",
            common + "JobExecutionResult",
            "org.apache.flink.metrics.Counter",
            "org.apache.flink.metrics.Gauge",
            "org.apache.flink.metrics.MeterView",
            "org.apache.flink.api.java.utils.ParameterTool",
            "org.apache.flink.util.ParameterTool",
            "org.apache.flink.streaming.api.CheckpointingMode",
            "org.apache.flink.core.execution.CheckpointingMode",
            "org.apache.flink.streaming.api.environment.CheckpointConfig",
            "org.apache.flink.configuration.ExternalizedCheckpointRetention");
  }

  @Test
  void noClassHasBothACounterpartAndARemedyOfItsOwn() {
    assertThat(counterparts.remedies().keySet())
        .doesNotContainAnyElementsOf(counterparts.classes().keySet());
  }

  /** Once it exists, the remedy is a lie. */
  @Test
  void noMethodWithARemedyExists() {
    List<Class<?>> api =
        List.of(
            StreamExecutionEnvironment.class,
            SingleOutputStreamOperator.class,
            KeyedStream.class,
            WindowedStream.class,
            AllWindowedStream.class,
            ConnectedStreams.class,
            DataStreamSink.class,
            RuntimeContext.class,
            ExecutionConfig.class,
            CheckpointConfig.class);
    List<String> methods =
        api.stream().flatMap(type -> Stream.of(type.getMethods())).map(Method::getName).toList();

    assertThat(counterparts.methods()).isNotEmpty().doesNotContainAnyElementsOf(methods);
  }

  @Test
  void theLongestBeginningDecides() {
    assertThat(counterparts.remedy("org.apache.flink.table.api.Table"))
        .contains("there is no Table API yet");
    assertThat(counterparts.remedy("org.apache.flink.api.java.tuple.Tuple7").orElseThrow())
        .contains("Tuple5");
    assertThat(counterparts.remedy("org.apache.flink.nothing.like.It")).isEmpty();
  }
}
