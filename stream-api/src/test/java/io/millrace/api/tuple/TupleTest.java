package io.millrace.api.tuple;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Constructor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The classes are written by a program, so all of them are looked at. */
class TupleTest {
  private static Tuple filled(int arity) {
    Tuple tuple = Tuple.newInstance(arity);
    IntStream.range(0, arity).forEach(i -> tuple.setField("v" + i, i));
    return tuple;
  }

  @Test
  void everyFieldIsWhereItsNameSays() throws Exception {
    for (int arity = 0; arity <= Tuple.MAX_ARITY; arity++) {
      Tuple tuple = filled(arity);
      assertThat(tuple.getClass()).isEqualTo(Tuple.getTupleClass(arity));
      assertThat(tuple.getClass().getSimpleName()).isEqualTo("Tuple" + arity);
      assertThat(tuple.getClass().getTypeParameters()).hasSize(arity);
      assertThat(tuple.getArity()).isEqualTo(arity);
      for (int i = 0; i < arity; i++) {
        assertThat(tuple.<Object>getField(i)).isEqualTo("v" + i);
        assertThat(tuple.getClass().getField("f" + i).get(tuple)).isEqualTo("v" + i);
      }
      assertThatThrownBy(() -> tuple.getField(tuple.getArity()))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("no field " + arity);
      assertThatThrownBy(() -> tuple.setField("", -1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void constructorsFactoriesAndCopiesKeepTheOrder() throws Exception {
    for (int arity = 1; arity <= Tuple.MAX_ARITY; arity++) {
      Tuple tuple = filled(arity);
      Object[] values = IntStream.range(0, arity).mapToObj(i -> "v" + i).toArray();
      for (Constructor<?> constructor : tuple.getClass().getConstructors()) {
        if (constructor.getParameterCount() > 0) {
          assertThat(constructor.newInstance(values)).isEqualTo(tuple);
        }
      }
      Class<?>[] types = new Class<?>[arity];
      java.util.Arrays.fill(types, Object.class);
      assertThat(tuple.getClass().getMethod("of", types).invoke(null, values)).isEqualTo(tuple);
      Tuple set = Tuple.newInstance(arity);
      set.getClass().getMethod("setFields", types).invoke(set, values);
      assertThat(set).isEqualTo(tuple);
      assertThat(tuple.copy()).isEqualTo(tuple).isNotSameAs(tuple);
    }
    assertThat(Tuple0.INSTANCE.copy()).isEqualTo(Tuple0.INSTANCE);
  }

  @Test
  void areReadLikeTheLiteratureWritesThem() {
    assertThat(Tuple2.of("a", 1).swap()).isEqualTo(Tuple2.of(1, "a"));
    assertThat(Tuple6.of(1, 2, 3, 4, 5, 6)).hasToString("(1,2,3,4,5,6)");
    assertThat(Tuple1.of("a")).isNotEqualTo(Tuple2.of("a", null));
    assertThatThrownBy(() -> Tuple.newInstance(26)).hasMessageContaining("0 to 25 fields");
  }
}
