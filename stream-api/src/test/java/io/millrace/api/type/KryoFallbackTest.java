package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KryoFallbackTest {

  /** Private fields and no constructor without arguments. */
  static final class Everything {
    private final UUID id;
    private final AtomicInteger count = new AtomicInteger(3);
    private final AtomicLong total = new AtomicLong(4);
    private final AtomicBoolean done = new AtomicBoolean(true);
    private final AtomicReference<Object> last = new AtomicReference<>("last");
    private final List<Object> views = new ArrayList<>();
    private final Map<String, Object> maps = new TreeMap<>();
    private final Object[] array = {1, "two", null, new int[] {3}};
    private final String[] texts = {"a", null, "\u65e5"};
    private final Samples.Colour colour = Samples.Colour.GREEN;
    private final StringBuilder text = new StringBuilder("text");
    private Everything self;

    Everything(UUID id) {
      this.id = id;
    }
  }

  @Test
  void whatKryoAloneCannotWriteComesBack() {
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3));
    Everything value = new Everything(new UUID(1, 2));
    value.self = value;
    value.views.add(list.subList(1, 3));
    value.views.add(Collections.unmodifiableList(list));
    value.views.add(List.of("x"));
    value.views.add(Arrays.asList(1, null));
    value.views.add(EnumSet.of(Samples.Colour.RED));
    value.views.add(new Samples.Person("Ada", 36, Samples.Colour.RED));
    value.views.add(new Samples.Account("Ada", 1, List.of(), false));
    value.maps.put("immutable", Map.of("k", 1));
    value.maps.put("view", Collections.unmodifiableMap(new HashMap<>(Map.of(1, 2))));

    Everything read = RoundTripTest.through(Serializers.of(Everything.class), value);

    assertThat(read.id).isEqualTo(value.id);
    assertThat(read.count.get()).isEqualTo(3);
    assertThat(read.total.get()).isEqualTo(4);
    assertThat(read.done.get()).isTrue();
    assertThat(read.last.get()).isEqualTo("last");
    assertThat(read.views).isEqualTo(value.views);
    assertThat(read.maps).isEqualTo(value.maps);
    assertThat(Arrays.deepEquals(read.array, value.array)).isTrue();
    assertThat(read.texts).isEqualTo(value.texts);
    assertThat(read.colour).isSameAs(Samples.Colour.GREEN);
    assertThat(read.text).hasToString("text");
    assertThat(read.self).isSameAs(read);
  }

  /** No constructor without arguments, and fields of several types. */
  static final class Fields {
    private final Place place;
    private final String text;
    private final Object any;
    private Fields self;

    Fields(Place place, String text, Object any) {
      this.place = place;
      this.text = text;
      this.any = any;
    }
  }

  static class Place {
    private final long left;
    private final long right;

    Place(long left, long right) {
      this.left = left;
      this.right = right;
    }
  }

  /** Code that the JVM has checked once does not look again what a field holds. */
  @Test
  void noBytesPutAnObjectIntoAFieldOfAnotherType() throws Exception {
    Serializer<Fields> serializer = Serializers.of(Fields.class);
    Place place = new Place(5, 6);
    Fields value = new Fields(place, "text", place);
    value.self = value;
    byte[] bytes = RoundTripTest.bytes(serializer, value);
    int read = 0;
    for (int at = 0; at < bytes.length; at++) {
      for (int changed = 0; changed < 256; changed++) {
        byte[] hostile = bytes.clone();
        hostile[at] = (byte) changed;
        Fields found;
        try {
          found = serializer.read(new DataReader(hostile));
        } catch (CorruptDataException expected) {
          continue;
        }
        read++;
        for (Field field : Fields.class.getDeclaredFields()) {
          Object held = found == null ? null : field.get(found);
          assertThat(held == null || field.getType().isInstance(held))
              .as("%s after byte %d became %d: %s", field, at, changed, held)
              .isTrue();
        }
      }
    }
    assertThat(read).isPositive();
    assertThat(serializer.read(new DataReader(bytes)).place.left + place.right).isEqualTo(11);
  }

  /** As everywhere else: a constant that was put before it changes nothing. */
  @Test
  void anEnumIsWrittenByItsName() {
    byte[] bytes =
        RoundTripTest.bytes(Serializers.of(Everything.class), new Everything(new UUID(1, 2)));
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).contains("GREEN");
  }

  @Test
  void changedBytesGiveAValueOrAreNamed() {
    Everything value = new Everything(new UUID(1, 2));
    value.self = value;
    value.views.add(List.of(1L, "x", Locale.GERMANY, new Date(5)));
    value.maps.put("k", Map.of("k", 1));
    Serializer<Object> dynamic = Serializers.dynamic();
    byte[] bytes = RoundTripTest.bytes(dynamic, value);
    for (int at = 0; at < bytes.length; at++) {
      for (int replacement : new int[] {0, 1, 2, 0x7f, 0x80, 0xff, ~bytes[at], bytes[at] + 1}) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) replacement;
        HostileDataTest.readsOrRefuses(dynamic, changed);
        if (at + 4 < bytes.length) {
          changed[at + 1] = changed[at + 2] = changed[at + 3] = (byte) 0xff;
          HostileDataTest.readsOrRefuses(dynamic, changed);
        }
      }
    }
  }

  @Test
  void otherDataOfTheJdkComesBack() {
    BitSet bits = new BitSet();
    bits.set(70);
    for (Object value :
        List.of(
            new Date(5),
            bits,
            Locale.GERMANY,
            java.time.ZonedDateTime.parse("2024-02-29T12:00:00+01:00[Europe/Berlin]"),
            java.time.OffsetDateTime.parse("2024-02-29T12:00:00+01:00"),
            java.time.Period.ofDays(3),
            java.time.Year.of(2024),
            java.time.DayOfWeek.MONDAY,
            java.util.Currency.getInstance("EUR"),
            java.util.OptionalInt.of(4),
            java.net.URI.create("hdfs://host/path"))) {
      assertThat(RoundTripTest.through(Serializers.dynamic(), value)).isEqualTo(value);
    }
  }

  @Test
  void manyThreadsShareASerializer() throws Exception {
    Serializer<Object> dynamic = Serializers.dynamic();
    List<Thread> threads = new ArrayList<>();
    AtomicInteger good = new AtomicInteger();
    for (int i = 0; i < 4; i++) {
      Samples.Secret value = new Samples.Secret("s" + i, new ArrayList<>(List.of(i)));
      Thread thread =
          new Thread(
              () -> {
                for (int round = 0; round < 200; round++) {
                  if (value.equals(RoundTripTest.through(dynamic, value))) {
                    good.incrementAndGet();
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(good).hasValue(800);
  }
}
