package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.Samples.Person;
import java.io.Serializable;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypeExtractorTest {

  interface Mapper<I, O> extends Serializable {
    O map(I value);
  }

  interface FlatMapper<I, O> extends Serializable {
    void flatMap(I value, List<O> out);
  }

  static class ToTuple implements Mapper<String, Tuple2<String, Long>> {
    @Override
    public Tuple2<String, Long> map(String value) {
      return Tuple2.of(value, 1L);
    }
  }

  abstract static class Half<X> implements Mapper<String, Tuple2<X, Long>> {}

  static class Whole extends Half<Person> {
    @Override
    public Tuple2<Person, Long> map(String value) {
      return Tuple2.of(null, 1L);
    }
  }

  private static <I, O> TypeInformation<?> output(Mapper<I, O> mapper) {
    return TypeExtractor.outputOf(mapper, Mapper.class, 1);
  }

  @Test
  void aClassSaysItWithItsTypeArguments() {
    TypeInformation<?> tuple = TypeInformation.of(new TypeHint<Tuple2<String, Long>>() {});
    assertThat(output(new ToTuple())).isEqualTo(tuple);
    assertThat(output(new Whole()))
        .isEqualTo(TypeInformation.of(new TypeHint<Tuple2<Person, Long>>() {}));
    assertThat(
            output(
                new Mapper<String, List<Integer>>() {
                  @Override
                  public List<Integer> map(String value) {
                    return List.of();
                  }
                }))
        .isEqualTo(TypeInformation.of(new TypeHint<List<Integer>>() {}));
    FlatMapper<String, Long> flat =
        new FlatMapper<>() {
          @Override
          public void flatMap(String value, List<Long> out) {}
        };
    assertThat(TypeExtractor.outputOf(flat, FlatMapper.class, 1))
        .isEqualTo(TypeInformation.of(Long.class));
  }

  @Test
  void aLambdaSaysItWhereTheClassIsEnough() {
    assertThat(output((String s) -> s.length())).isEqualTo(TypeInformation.of(Integer.class));
    assertThat(output(String::trim)).isEqualTo(TypeInformation.of(String.class));
    assertThat(output((String s) -> new Person(s, 1, null)))
        .isEqualTo(TypeInformation.of(Person.class));
    assertThat(output((String s) -> s.getBytes())).isEqualTo(TypeInformation.of(byte[].class));
  }

  @Test
  void theRestIsDynamic() {
    assertThat(output((String s) -> Tuple2.of(s, 1L)).isDynamic()).isTrue();
    assertThat(output((String s) -> (Object) s).isDynamic()).isTrue();
    assertThat(output((String s) -> List.of(s)).isDynamic()).isTrue();
    assertThat(output((String s) -> Thread.currentThread()).isDynamic()).isTrue();
    FlatMapper<String, Long> flat = (value, out) -> out.add(1L);
    assertThat(TypeExtractor.outputOf(flat, FlatMapper.class, 1).isDynamic()).isTrue();
    assertThat(TypeExtractor.outputOf("not a function", Mapper.class, 1).isDynamic()).isTrue();
    assertThat(TypeExtractor.outputOf(null, Mapper.class, 1).isDynamic()).isTrue();
    assertThat(TypeExtractor.outputOf(new ToTuple(), Mapper.class, 7).isDynamic()).isTrue();
  }
}
