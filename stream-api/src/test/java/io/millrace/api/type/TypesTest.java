package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.tuple.Tuple0;
import io.millrace.api.tuple.Tuple1;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.tuple.Tuple3;
import io.millrace.api.window.GlobalWindows;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TypesTest {
  @Test
  void aTypeIsTheSameHoweverItIsWritten() {
    assertThat(Types.TUPLE(Types.STRING, Types.INT))
        .isEqualTo(TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {}));
    assertThat(Types.TUPLE(Types.LONG, Types.LIST(Types.DOUBLE), Types.BOOLEAN))
        .isEqualTo(TypeInformation.of(new TypeHint<Tuple3<Long, List<Double>, Boolean>>() {}));
    assertThat(Types.MAP(Types.STRING, Types.SET(Types.INSTANT)))
        .isEqualTo(TypeInformation.of(new TypeHint<Map<String, Set<java.time.Instant>>>() {}));
    assertThat(Types.OBJECT_ARRAY(Types.STRING)).isEqualTo(TypeInformation.of(String[].class));
    assertThat(Types.ENUM(TimeUnit.class)).isEqualTo(TypeInformation.of(TimeUnit.class));
    assertThat(Types.TUPLE()).isEqualTo(TypeInformation.of(Tuple0.class));
    assertThat(Types.TUPLE(Types.INT))
        .isEqualTo(TypeInformation.of(new TypeHint<Tuple1<Integer>>() {}));
    assertThatThrownBy(() -> Types.TUPLE(new TypeInformation<?>[26]))
        .hasMessageContaining("0 to 25 fields, found 26");
  }

  @Test
  void aWrittenTypeIsAsGoodAsOneThatWasRead() {
    assertThat(Types.TUPLE(Types.STRING, Types.INT).hashable()).isTrue();
    assertThat(Types.TUPLE(Types.STRING, Types.INT).serializer(getClass().getClassLoader()))
        .hasSameClassAs(
            TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {})
                .serializer(getClass().getClassLoader()));
  }

  @Test
  void whatIsDeclaredIsTheTypeOfTheStream() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Integer> numbers = env.fromData(1, 2);
    assertThat(numbers.map(n -> "" + n, Types.STRING).getType()).isEqualTo(Types.STRING);
    assertThat(
            numbers.<Long>flatMap((n, out) -> out.collect(1L), Types.LONG).keyBy(n -> n).getType())
        .isEqualTo(Types.LONG);
    var both = numbers.connect(env.fromData(List.of("a")));
    assertThat(both.map(new AsText(), Types.STRING).getType()).isEqualTo(Types.STRING);
    assertThat(
            numbers
                .join(numbers)
                .where(n -> n, Types.INT)
                .equalTo(n -> n, Types.INT)
                .window(GlobalWindows.create())
                .apply((a, b) -> a + b, Types.INT)
                .getType())
        .isEqualTo(Types.INT);
  }

  private static final class AsText implements CoMapFunction<Integer, String, String> {
    @Override
    public String map1(Integer n) {
      return "" + n;
    }

    @Override
    public String map2(String text) {
      return text;
    }
  }
}
