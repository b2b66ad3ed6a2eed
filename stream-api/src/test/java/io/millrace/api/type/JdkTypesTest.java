package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.type.JdkSamples.Sample;
import java.lang.reflect.Type;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Classes of the JDK that hold data are data wherever a program puts them. */
class JdkTypesTest {

  /** Declared as anything. */
  record Holder(Object value) {}

  public static class Bean {
    public Object value;
    public List<Object> values;
  }

  /** Neither record nor POJO: Kryo's. */
  static final class Opaque {
    private final Object value;
    private final Object[] values;

    Opaque(Object value) {
      this.value = value;
      this.values = new Object[] {value, value};
    }
  }

  static List<Sample> samples() {
    return JdkSamples.all();
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> serializer(Type type) {
    return (Serializer<Object>) Serializers.of(type, JdkTypesTest.class.getClassLoader());
  }

  private static void same(Sample sample, Object read) {
    assertThat(sample.seen(read)).as("%s", sample).isEqualTo(sample.seen(sample.value()));
    assertThat(read.getClass())
        .as("%s", sample)
        .isEqualTo(
            Catalog.canonical(sample.value().getClass()) == sample.value().getClass()
                ? sample.value().getClass()
                : read.getClass());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void comesBackWhereItIsDeclared(Sample sample) {
    Serializer<Object> serializer = serializer(sample.type());
    same(sample, RoundTripTest.through(serializer, sample.value()));
    same(sample, serializer.copy(sample.value()));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void comesBackWhereAnythingIsDeclared(Sample sample) {
    same(sample, RoundTripTest.through(Serializers.dynamic(), sample.value()));
    same(sample, Serializers.dynamic().copy(sample.value()));
    var holder = RoundTripTest.through(Serializers.of(Holder.class), new Holder(sample.value()));
    same(sample, holder.value());
    var bean = new Bean();
    bean.value = sample.value();
    bean.values = List.of(sample.value());
    Bean read = RoundTripTest.through(Serializers.of(Bean.class), bean);
    same(sample, read.value);
    same(sample, read.values.get(0));
  }

  @ParameterizedTest
  @MethodSource("samples")
  void comesBackInsideOfWhatKryoWrites(Sample sample) {
    Opaque read = RoundTripTest.through(Serializers.of(Opaque.class), new Opaque(sample.value()));
    same(sample, read.value);
    same(sample, read.values[0]);
    same(sample, read.values[1]);
  }

  /** As a class that has lost the field does, or a reader that has not got the class. */
  @ParameterizedTest
  @MethodSource("samples")
  void isReadOver(Sample sample) {
    for (Type type : List.of(sample.type(), Holder.class)) {
      Object value = type == Holder.class ? new Holder(sample.value()) : sample.value();
      Serializer<Object> serializer = serializer(type);
      DataWriter out = DataWriter.describing(64);
      serializer.write(value, out);
      out.writeInt(42);
      var in = new DataReader(out.toByteArray());
      new Skipping(Shape.of(serializer)).of(0).read(in);
      assertThat(in.readInt()).as("%s as %s", sample, type).isEqualTo(42);
      assertThat(in.remaining()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void theSameTypeIsNoChangeOfIt(Sample sample) {
    Serializer<Object> serializer = serializer(sample.type());
    var shape = Shape.of(serializer);
    for (Migration.Use use : Migration.Use.values()) {
      Migration<Object> migration = Migration.of(shape, serializer(sample.type()), use);
      assertThat(migration.refusal()).as("%s", sample).isEmpty();
      assertThat(migration.changes()).as("%s", sample).isEmpty();
      var out = new DataWriter();
      serializer.write(sample.value(), out);
      same(sample, migration.serializer().read(new DataReader(out.toByteArray())));
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void changedBytesGiveAValueOrAreNamed(Sample sample) {
    for (Serializer<Object> serializer :
        List.of(serializer(sample.type()), Serializers.dynamic())) {
      byte[] bytes = RoundTripTest.bytes(serializer, sample.value());
      for (int at = 0; at < bytes.length; at++) {
        DataReader cut = new DataReader(bytes, 0, at);
        assertThatThrownBy(() -> serializer.read(cut))
            .as("%s cut at %d", sample, at)
            .isExactlyInstanceOf(CorruptDataException.class);
        for (int bit = 0; bit < 8; bit++) {
          byte[] changed = bytes.clone();
          changed[at] ^= (byte) (1 << bit);
          HostileDataTest.readsOrRefuses(serializer, changed);
        }
      }
    }
  }
}
