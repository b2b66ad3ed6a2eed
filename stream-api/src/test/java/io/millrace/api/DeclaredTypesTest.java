package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.MapFunction;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.tuple.Tuple3;
import io.millrace.api.type.BasicTypeInfo;
import io.millrace.api.type.ResultTypeQueryable;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.type.Types;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Types that a program writes down, and what follows from them. */
class DeclaredTypesTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  private static final class Typed
      implements MapFunction<Long, Object>, ResultTypeQueryable<Object> {
    @Override
    public Object map(Long n) {
      return n.toString();
    }

    @Override
    @SuppressWarnings("unchecked") // all that it makes are texts
    public TypeInformation<Object> getProducedType() {
      return (TypeInformation<Object>) (TypeInformation<?>) Types.STRING;
    }
  }

  @Test
  void aFunctionMaySayItsType() {
    assertThat(env.fromSequence(1, 2).map(new Typed()).getType()).isEqualTo(Types.STRING);
  }

  @Test
  void olderWaysOfWritingThemMeanTheSame() {
    assertThat(new TypeHint<List<Long>>() {}.getTypeInfo()).isEqualTo(Types.LIST(Types.LONG));
    assertThat(BasicTypeInfo.INT_TYPE_INFO).isEqualTo(Types.INT);
    assertThat(Types.PRIMITIVE_ARRAY(Types.INT)).isEqualTo(TypeInformation.of(int[].class));
    assertThatThrownBy(() -> Types.PRIMITIVE_ARRAY(Types.STRING)).hasMessageContaining("primitive");
    assertThat(Types.STRING.getTypeClass()).isEqualTo(String.class);
    assertThat(Types.LIST(Types.STRING).getTypeClass()).isEqualTo(List.class);
    assertThat(env.fromData(Types.LONG, 1L, 2L).getType()).isEqualTo(Types.LONG);
    assertThat(env.fromData(Number.class, 1L, 2).getType())
        .isEqualTo(TypeInformation.of(Number.class));
  }

  @Test
  void aProjectionKnowsTheTypesOfItsFields() {
    var tuples =
        env.fromElements("a")
            .map(text -> Tuple3.of(text, 1, 2L))
            .returns(Types.TUPLE(Types.STRING, Types.INT, Types.LONG));
    DataStream<Tuple2<Long, String>> some = tuples.project(2, 0);

    assertThat(some.getType()).isEqualTo(Types.TUPLE(Types.LONG, Types.STRING));
    assertThatThrownBy(() -> tuples.project(3)).hasMessageContaining("has no field 3");
    assertThatThrownBy(() -> tuples.project()).hasMessageContaining("at least one field");
    assertThatThrownBy(() -> env.fromElements("a").project(0))
        .hasMessageContaining("only tuples have fields by position");
  }

  @Test
  void knowsTheSettingsThatStreamsAskFor() {
    env.setParallelism(3).setBufferTimeout(25);
    var numbers = env.fromSequence(1, 2);
    assertThat(numbers.getParallelism()).isEqualTo(3);
    assertThat(numbers.map(n -> n).forceNonParallel().getParallelism()).isEqualTo(1);
    assertThat(env.getBufferTimeout()).isEqualTo(25);
    assertThat(env.setBufferTimeout(-1).getBufferTimeout()).isEqualTo(86_400_000);
    assertThatThrownBy(() -> env.setBufferTimeout(-2))
        .hasMessageContaining("-1 or 0 to 86400000 ms, found -2");
    assertThat(numbers.getExecutionConfig().getParallelism()).isEqualTo(3);
    assertThatThrownBy(() -> numbers.map(n -> n).setBufferTimeout(86_400_001))
        .hasMessageContaining("-1 or 0 to 86400000 ms, found 86400001");
  }
}
