package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.AllWindowedStream;
import io.millrace.api.ConnectedStreams;
import io.millrace.api.DataStreamSink;
import io.millrace.api.KeyedStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.WindowedStream;
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
      assertThat(Modifier.isPublic(Class.forName(name).getModifiers())).as(name).isTrue();
    }
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
            RuntimeContext.class);
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
