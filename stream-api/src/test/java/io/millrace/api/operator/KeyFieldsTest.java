package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.tuple.Tuple1;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.type.Types;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyFieldsTest {
  record Visit(String user, int seconds) {}

  @Test
  void aKeyIsATupleOfTheFields() throws Exception {
    var byBoth = new KeyFields<Visit>(List.of("seconds", "user"));
    assertThat(byBoth.getKey(new Visit("ada", 7))).isEqualTo(Tuple2.of(7, "ada"));
    assertThat(byBoth.typeIn(TypeInformation.of(Visit.class)).name())
        .isEqualTo(Types.<Tuple2<Integer, String>>TUPLE(Types.INT, Types.STRING).name());

    var byPosition = new KeyFields<Tuple2<String, Long>>(List.of("1"));
    assertThat(byPosition.getKey(Tuple2.of("a", 5L))).isEqualTo(Tuple1.of(5L));
    assertThat(byPosition.typeIn(Types.TUPLE(Types.STRING, Types.LONG)).hashable()).isTrue();
  }

  @Test
  void refusesFieldsThatThereAreNot() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    var visits = env.fromElements(new Visit("ada", 7));
    assertThatThrownBy(() -> visits.keyBy("time"))
        .hasMessageContaining("Visit has no field 'time'")
        .hasMessageContaining("user, seconds");
    var pairs = env.fromElements(Tuple2.of("a", 5L));
    assertThatThrownBy(() -> pairs.keyBy(2)).hasMessageContaining("'2'");
    assertThatThrownBy(() -> pairs.keyBy(new int[0])).hasMessageContaining("at least one field");
    assertThatThrownBy(() -> visits.map(v -> v).setDescription(" "))
        .hasMessageContaining("must not be blank");
  }
}
