package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.Samples.Person;
import io.millrace.api.type.Samples.Sample;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypeInformationTest {

  private static TypeInformation<?> sent(TypeInformation<?> type) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(type);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (TypeInformation<?>) in.readObject();
    }
  }

  @Test
  void everyTypeTravelsAndStillWritesItsValues() throws Exception {
    for (Sample sample : Samples.all()) {
      TypeInformation<?> type = TypeInformation.of(sample.type());
      TypeInformation<?> arrived = sent(type);
      assertThat(arrived).isEqualTo(type).hasToString(type.toString());
      assertThat(arrived.isDynamic()).isEqualTo(type.isDynamic());
      assertThat(arrived.immutable()).isEqualTo(sample.serializer().immutable());
      @SuppressWarnings("unchecked")
      Serializer<Object> serializer =
          (Serializer<Object>) arrived.serializer(getClass().getClassLoader());
      byte[] bytes = RoundTripTest.bytes(serializer, sample.value());
      assertThat(bytes).isEqualTo(RoundTripTest.bytes(sample.serializer(), sample.value()));
    }
  }

  @Test
  void namesAreThoseOfAProgram() {
    assertThat(TypeInformation.of(new TypeHint<Tuple2<String, List<?>[]>>() {}).name())
        .isEqualTo("io.millrace.api.tuple.Tuple2<java.lang.String, java.util.List<dynamic>[]>");
    assertThat(TypeInformation.dynamic().name()).isEqualTo("dynamic");
    assertThat(TypeInformation.of(int.class)).isEqualTo(TypeInformation.of(Integer.class));
    assertThat(TypeInformation.of(Object.class).isDynamic()).isTrue();
    assertThat(TypeInformation.of(Number.class).isDynamic()).isTrue();
    assertThat(TypeInformation.of(Person.class).hashable()).isTrue();
  }

  @Test
  void aHintNeedsItsArgument() {
    assertThatThrownBy(() -> new Bare()).isInstanceOf(IllegalArgumentException.class);
  }

  @SuppressWarnings("rawtypes")
  private static final class Bare extends TypeHint {}

  @Test
  void aMissingClassIsNamed() {
    TypeInformation<Person> type = TypeInformation.of(Person.class);
    assertThatThrownBy(() -> type.serializer(ClassLoader.getPlatformClassLoader()))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining(Person.class.getName())
        .hasMessageContaining("add the jar");
  }
}
