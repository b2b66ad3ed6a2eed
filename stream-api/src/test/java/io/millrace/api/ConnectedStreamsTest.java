package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.NotSerializableCodeException;
import io.millrace.api.type.TypeInformation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectedStreamsTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final SingleOutputStreamOperator<Long> numbers = env.fromSequence(1, 4).uid("numbers");
  private final SingleOutputStreamOperator<String> words = env.fromElements("a").uid("words");

  static class Text implements CoMapFunction<Long, String, String> {
    @Override
    public String map1(Long value) {
      return value.toString();
    }

    @Override
    public String map2(String value) {
      return value;
    }
  }

  static final class Stuck extends Text {
    final Object cannotTravel = new Object();
  }

  static final class Meet extends KeyedCoProcessFunction<Integer, Long, String, Integer> {
    @Override
    public void processElement1(Long value, Context context, Collector<Integer> out) {}

    @Override
    public void processElement2(String value, Context context, Collector<Integer> out) {}
  }

  @Test
  void eachStreamEntersAnInputOfItsOwn() {
    numbers.connect(words.union(words)).map(new Text()).uid("text").print();

    JobGraph graph = env.getJobGraph();

    assertThat(graph.inputs("text").stream().map(e -> e.from() + " " + e.input()))
        .containsExactly("numbers 0", "words 1", "words 1");
    assertThat(graph.outputs("text").get(0).type()).isEqualTo("java.lang.String");
  }

  @Test
  void theSidesAreToldApartInDerivedUids() {
    var one = numbers.connect(words).map(new Text());
    var other = numbers.connect(words).map(new Text());
    one.print();
    other.print();

    List<String> uids = env.getJobGraph().vertices().stream().map(v -> v.uid()).toList();

    assertThat(uids).doesNotHaveDuplicates();
  }

  @Test
  @SuppressWarnings("unchecked") // dynamic stands for any type
  void bothSidesAreKeyedByOneTypeEvenIfOnlyOneIsKnown() {
    KeyedStream<Long, Integer> left = numbers.keyBy(n -> n.intValue());
    KeyedStream<String, Integer> right =
        words.keyBy(String::length, TypeInformation.of(Integer.class));
    var dynamic =
        numbers.keyBy(n -> n.intValue(), (TypeInformation<Integer>) (TypeInformation<?>) anyType());
    left.connect(right).process(new Meet()).uid("known").print();
    dynamic.connect(right).process(new Meet()).uid("unknown").print();

    assertThat(keyTypes("known")).containsOnly("java.lang.Integer").hasSize(2);
    assertThat(keyTypes("unknown")).containsOnly("dynamic").hasSize(2);
  }

  private static TypeInformation<Object> anyType() {
    return TypeInformation.dynamic();
  }

  private List<String> keyTypes(String uid) {
    return env.getJobGraph().inputs(uid).stream()
        .map(edge -> (EdgeCode<?, ?>) edge.code().open(getClass().getClassLoader()))
        .map(code -> code.keyType().name())
        .toList();
  }

  @Test
  void refusesWhatCannotWorkWhereItIsWritten() {
    var longs = numbers.keyBy(n -> n, TypeInformation.of(Long.class));
    var texts = words.keyBy(w -> w, TypeInformation.of(String.class));
    assertThatThrownBy(() -> longs.connect(texts).map(new Text()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Long")
        .hasMessageContaining("java.lang.String")
        .hasMessageContaining("keys of one type");
    assertThatThrownBy(() -> longs.connect(words).process(new Meet()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("keyBy(firstKey, secondKey)");
    assertThatThrownBy(() -> numbers.connect(words).map(new Stuck()))
        .isInstanceOf(NotSerializableCodeException.class)
        .hasMessageContaining("cannotTravel");
    var elsewhere = StreamExecutionEnvironment.getExecutionEnvironment().fromElements(1);
    assertThatThrownBy(() -> numbers.connect(elsewhere))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two environments");
  }
}
