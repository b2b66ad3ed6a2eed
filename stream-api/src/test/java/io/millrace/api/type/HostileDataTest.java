package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.type.Samples.Positive;
import io.millrace.api.type.Samples.Sample;
import io.millrace.api.type.Samples.Secret;
import io.millrace.api.type.Samples.Shape;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HostileDataTest {

  @Test
  void everyTruncationIsNamed() {
    for (Sample sample : Samples.all()) {
      for (Serializer<Object> serializer : List.of(sample.serializer(), Serializers.dynamic())) {
        byte[] bytes = RoundTripTest.bytes(serializer, sample.value());
        for (int length = 0; length < bytes.length; length++) {
          DataReader in = new DataReader(bytes, 0, length);
          assertThatThrownBy(() -> serializer.read(in))
              .as("%s cut at %d of %d", sample, length, bytes.length)
              .isExactlyInstanceOf(CorruptDataException.class);
        }
      }
    }
  }

  @Test
  void everyFlippedBitGivesAValueOrIsNamed() {
    for (Sample sample : Samples.all()) {
      for (Serializer<Object> serializer : List.of(sample.serializer(), Serializers.dynamic())) {
        byte[] bytes = RoundTripTest.bytes(serializer, sample.value());
        for (int bit = 0; bit < bytes.length * 8; bit++) {
          byte[] flipped = bytes.clone();
          flipped[bit / 8] ^= (byte) (1 << bit % 8);
          readsOrRefuses(serializer, flipped);
        }
      }
    }
  }

  @Test
  void randomBytesGiveAValueOrAreNamed() {
    Random random = new Random(7);
    for (Sample sample : Samples.all()) {
      Serializer<Object> serializer = sample.serializer();
      byte[] good = RoundTripTest.bytes(serializer, sample.value());
      for (int round = 0; round < 300; round++) {
        byte[] bytes = new byte[1 + random.nextInt(64)];
        random.nextBytes(bytes);
        // A good beginning leads deeper into the reader.
        int kept = Math.min(good.length, random.nextInt(bytes.length));
        System.arraycopy(good, 0, bytes, 0, kept);
        readsOrRefuses(serializer, bytes);
      }
    }
  }

  static void readsOrRefuses(Serializer<Object> serializer, byte[] bytes) {
    try {
      serializer.read(new DataReader(bytes));
    } catch (CorruptDataException expected) {
      assertThat(expected).hasMessageMatching("(?s).+");
    }
  }

  @Test
  void aHostileLengthAllocatesNothing() {
    for (Class<?> type :
        List.of(
            byte[].class,
            long[].class,
            String[].class,
            Object[].class,
            java.math.BigInteger.class,
            Secret.class)) {
      DataWriter out = new DataWriter();
      out.writeByte(1);
      out.writeVarInt(Integer.MAX_VALUE - 8);
      out.writeInt(0);
      refused(type, out);
    }
    for (Class<?> type : List.of(List.class, java.util.Set.class)) {
      DataWriter out = new DataWriter();
      out.writeByte(1);
      out.writeByte(type == List.class ? 0 : 3);
      out.writeVarInt(Integer.MAX_VALUE - 8);
      refused(type, out);
    }
    DataWriter map = new DataWriter();
    map.writeByte(1);
    map.writeByte(0);
    map.writeInt(Integer.MAX_VALUE - 8);
    refused(java.util.Map.class, map);
    DataWriter text = new DataWriter();
    text.writeVarLong(Long.MAX_VALUE);
    refused(String.class, text);
    text.reset();
    text.writeVarLong(-1);
    refused(String.class, text);
  }

  private static void refused(Class<?> type, DataWriter out) {
    DataReader in = new DataReader(out.toByteArray());
    assertThatThrownBy(() -> Serializers.of(type).read(in))
        .as("%s", type)
        .isExactlyInstanceOf(CorruptDataException.class);
  }

  @Test
  void nestingIsBounded() {
    DataWriter shapes = new DataWriter();
    int tagOfGroup = 2;
    for (int i = 0; i < 100_000; i++) {
      shapes.writeVarInt(tagOfGroup);
      shapes.writeByte(1); // the record is there
      shapes.writeByte(1); // its list is there
      shapes.writeByte(0); // an ArrayList
      shapes.writeVarInt(1);
    }
    DataReader in = new DataReader(shapes.toByteArray());
    assertThatThrownBy(() -> Serializers.of(Shape.class).read(in))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("sealed values are nested deeper than 64");

    DataWriter lists = new DataWriter();
    lists.writeVarInt(1);
    lists.writeString("java.util.List");
    for (int i = 0; i < 100_000; i++) {
      lists.writeByte(1);
      lists.writeByte(0);
      lists.writeVarInt(1);
      lists.writeVarInt(1);
    }
    DataReader deep = new DataReader(lists.toByteArray());
    assertThatThrownBy(() -> Serializers.dynamic().read(deep))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("nested deeper than 256");
  }

  /** Threads have 1 MB by default; hostile data must not turn into a StackOverflowError. */
  @Test
  void theDeepestValueFitsInHalfAStack() throws Exception {
    Samples.Node chain = null;
    for (int i = 0; i < DataWriter.MAX_DEPTH; i++) {
      chain = new Samples.Node(i, chain);
    }
    Object pairs = "end";
    for (int i = 0; i < DataWriter.MAX_DEPTH - 1; i++) {
      pairs = new Samples.Pair<>(pairs, List.of());
    }
    Object deepPairs = pairs;
    Samples.Node deepChain = chain;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread small =
        new Thread(
            null,
            () -> {
              Serializer<Object> dynamic = Serializers.dynamic();
              RoundTripTest.through(dynamic, deepPairs);
              dynamic.hash(deepPairs);
              dynamic.copy(deepPairs);
              RoundTripTest.through(Serializers.of(Samples.Node.class), deepChain);
            },
            "small",
            512 * 1024);
    small.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    small.start();
    small.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void aValueThatItsConstructorRefusesIsCorrupt() {
    DataWriter out = new DataWriter();
    out.writeByte(1);
    out.writeInt(-5);
    DataReader in = new DataReader(out.toByteArray());
    assertThatThrownBy(() -> Serializers.of(Positive.class).read(in))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("Positive")
        .hasMessageContaining("not positive");
  }

  @Test
  void onlyMembersOfASealedFamilyAreMade() {
    DataWriter out = new DataWriter();
    out.writeVarInt(5);
    DataReader in = new DataReader(out.toByteArray());
    assertThatThrownBy(() -> Serializers.of(Shape.class).read(in))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("4 members, found tag 5");
  }
}
