package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.type.Samples.Colour;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What data may make the JDK do: nothing but to hold it. */
class HostileJdkDataTest {

  private static final Serializer<Object> DYNAMIC =
      Serializers.dynamic(HostileJdkDataTest.class.getClassLoader());

  /** A form with parts that no value has. */
  private static byte[] made(String type, Object... parts) {
    var out = new DataWriter();
    out.writeVarInt(1);
    out.writeString(type);
    out.writeByte(1);
    for (Object part : parts) {
      if (part instanceof Integer number) {
        out.writeByte(1);
        out.writeInt(number);
      } else {
        out.writeString((String) part);
      }
    }
    return out.toByteArray();
  }

  private static void refused(byte[] bytes, String why) {
    assertThatThrownBy(() -> DYNAMIC.read(new DataReader(bytes)))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatIsMadeByHandIsReadIfItIsGood() {
    Object read = DYNAMIC.read(new DataReader(made("java.util.regex.Pattern", "a", 2)));
    assertThat(((Pattern) read).flags()).isEqualTo(2);
  }

  @Test
  void noExpressionKeepsItsReaderBusy() {
    refused(
        made("java.util.regex.Pattern", "a\u0301\u0302\u0303".repeat(20), Pattern.CANON_EQ),
        "canonical equivalence");
    refused(made("java.util.regex.Pattern", "(".repeat(100_000), 0), "Pattern");
    refused(made("java.util.regex.Pattern", "(", 0), "Unclosed group");
  }

  @Test
  void aClassIsNamedOnlyIfItMayHaveValues() {
    for (String name : List.of("java.lang.Runtime", "java.lang.ProcessBuilder", "no.such.Class")) {
      refused(made("java.lang.Class", name), name);
    }
    assertThatThrownBy(() -> RoundTripTest.bytes(DYNAMIC, Thread.class))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("java.lang.Thread");
  }

  /** Where a class is initialised for being named. */
  static final class Loud {
    static {
      initialised.add("Loud");
    }
  }

  static final Set<String> initialised = new HashSet<>();

  @Test
  void aNamedClassIsNotInitialised() {
    String name = HostileJdkDataTest.class.getName() + "$Loud";
    Object read = DYNAMIC.read(new DataReader(made("java.lang.Class", name)));
    assertThat(((Class<?>) read).getName()).isEqualTo(name);
    assertThat(initialised).isEmpty();
  }

  /** The JVM takes hosts for equal that have one address, which it looks up for that. */
  @Test
  void noHostIsLookedUp() throws Exception {
    var one = RoundTripTest.through(DYNAMIC, new URL("http://localhost/"));
    var other = RoundTripTest.through(DYNAMIC, new URL("http://127.0.0.1/"));
    assertThat(one.equals(other)).isFalse();
    assertThat(one.hashCode()).isNotEqualTo(other.hashCode());
    var again = RoundTripTest.through(DYNAMIC, new URL("HTTP://LOCALHOST:80/"));
    assertThat(one.equals(again)).isTrue();
    assertThat(one.hashCode()).isEqualTo(again.hashCode());
  }

  @Test
  void aUrlOfAnotherProtocolFindsNoHandler() {
    refused(made("java.net.URL", "jar:http://host.invalid/a.jar!/"), "another protocol");
    refused(made("java.net.URL", "gopher://host.invalid/"), "another protocol");
    refused(made("java.net.URL", "nothing"), "another protocol");
    assertThatThrownBy(() -> RoundTripTest.bytes(DYNAMIC, new URL("jar:file:/a.jar!/b")))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("java.net.URI");
  }

  static final class Described implements Comparator<String> {
    private final String property;

    Described(String property) {
      this.property = property;
    }

    @Override
    public int compare(String one, String other) {
      return property.length();
    }
  }

  @Test
  void aComparatorWithFieldsIsNeitherWrittenNorRead() {
    var map = new TreeMap<String, Integer>(new Described("a"));
    Comparator<String> lambda = Comparator.comparing(String::length);
    for (Object value : List.of(map, new PriorityQueue<>(lambda), new HiddenIn(map))) {
      assertThatThrownBy(() -> RoundTripTest.bytes(DYNAMIC, value))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("comparator")
          .hasMessageContaining("an enum, a record or a class without fields");
    }
    var out = new DataWriter();
    out.writeVarInt(1);
    out.writeString("java.util.TreeMap");
    out.writeByte(1);
    out.writeByte(2 | 0x40);
    DYNAMIC.write(new Described("a"), out);
    out.writeInt(0);
    byte[] renumbered = out.toByteArray();
    int second = 2 + "java.util.TreeMap".length() + 2;
    // A writer of its own has numbered the class 1, which is the map here.
    assertThat(renumbered[second]).isEqualTo((byte) 1);
    renumbered[second] = 2;
    refused(renumbered, "in the place of a comparator");
  }

  static final class HiddenIn {
    private final Object value;

    HiddenIn(Object value) {
      this.value = value;
    }

    int size() {
      return value.hashCode();
    }
  }

  @Test
  void whatIsNotSaidByItsPartsIsRefusedWithAWayOut(@TempDir Path folder) throws Exception {
    Path archive = folder.resolve("a.zip");
    try (var zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      for (Object value :
          List.of(
              new SimpleTimeZone(17, "mine"),
              zip.getPath("/a"),
              new Random(),
              new StringJoiner(","),
              new IdentityHashMap<>(),
              new ArrayBlockingQueue<>(3),
              new IllegalStateException("e"),
              new java.text.SimpleDateFormat("yyyy"),
              Pattern.compile("a\u0301", Pattern.CANON_EQ))) {
        assertThatThrownBy(() -> RoundTripTest.bytes(DYNAMIC, value))
            .as("%s", value.getClass())
            .isInstanceOf(NoSerializerException.class)
            .hasMessageMatching("(?s).*(keep|use).*");
      }
    }
  }

  /** Its state is in a class of the JDK that nobody may look into. */
  static final class OwnZone extends SimpleTimeZone {
    private static final long serialVersionUID = 1L;

    OwnZone() {
      super(0, "own");
    }
  }

  @Test
  void aSubclassOfTheJobIsNotTakenForItsOwnFields() {
    for (Object value : List.of(new OwnZone(), new java.util.Date() {})) {
      assertThatThrownBy(() -> RoundTripTest.bytes(DYNAMIC, value))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("whose state is hidden");
    }
  }

  @Test
  void messagesBetweenProcessesNameNoClass() {
    for (Class<?> type : List.of(Class.class, WithClass.class)) {
      assertThatThrownBy(() -> Serializers.closed(type))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("values must name their class");
    }
    Serializer<Sets> sets = Serializers.closed(Sets.class);
    var value = new Sets(EnumSet.of(Colour.RED), new EnumMap<>(Colour.class));
    assertThatThrownBy(() -> RoundTripTest.bytes(sets, value))
        .isInstanceOf(NoSerializerException.class);
    byte[] open = RoundTripTest.bytes(Serializers.of(Sets.class), value);
    assertThatThrownBy(() -> sets.read(new DataReader(open)))
        .isExactlyInstanceOf(CorruptDataException.class)
        .hasMessageContaining("where none may be named");
  }

  record WithClass(Class<?> type) {}

  record Sets(Set<Colour> colours, Map<Colour, String> names) {}

  /** There is nothing that takes a length and makes room for it. */
  @Test
  void noNumberTakesMemory() {
    for (String queue : List.of("LinkedBlockingQueue", "LinkedBlockingDeque")) {
      var out = new DataWriter();
      out.writeVarInt(1);
      out.writeString("java.util.concurrent." + queue);
      out.writeByte(1);
      out.writeByte((queue.endsWith("Queue") ? 20 : 21) | 0x40);
      out.writeVarInt(2);
      out.writeString("java.lang.Integer");
      out.writeByte(1);
      out.writeInt(Integer.MAX_VALUE - 1);
      out.writeVarInt(0);
      assertThat((Iterable<?>) DYNAMIC.read(new DataReader(out.toByteArray()))).isEmpty();
    }
  }
}
