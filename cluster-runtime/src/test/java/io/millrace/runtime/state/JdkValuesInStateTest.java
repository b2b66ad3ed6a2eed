package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.state.ChangedTypesTest.Kept;
import java.net.InetAddress;
import java.net.URL;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** State and records of jobs hold what the JDK holds data in. */
@Timeout(120)
class JdkValuesInStateTest {
  @TempDir Path folder;

  private static List<Object> values() throws Exception {
    var byName = new TreeMap<String, Object>(String.CASE_INSENSITIVE_ORDER);
    byName.put("B", 1);
    byName.put("a", 2);
    return List.of(
        new Timestamp(1_500),
        ZoneId.of("Europe/Berlin"),
        EnumSet.of(TimeUnit.DAYS),
        new EnumMap<>(Map.of(TimeUnit.DAYS, 2)),
        Map.entry("k", 1),
        new AbstractMap.SimpleEntry<>("k", List.of(2)),
        byName,
        InetAddress.getByAddress("host.invalid", new byte[] {10, 0, 0, 1}),
        Path.of("a", "b"),
        String.class);
  }

  /** Those that are equal to nothing but themselves. */
  private static Object told(Object value) throws Exception {
    return value instanceof PriorityQueue<?> queue
        ? new ArrayList<>(queue)
        : value instanceof URL url ? url.toURI() : value.toString();
  }

  @ParameterizedTest
  @EnumSource(Kept.class)
  void everyKindOfStateHoldsThem(Kept kept) throws Exception {
    var single = new ValueStateDescriptor<>("value", TypeInformation.dynamic());
    var list = new ListStateDescriptor<>("list", TypeInformation.dynamic());
    var map =
        new MapStateDescriptor<>(
            "map", TypeInformation.of(String.class), TypeInformation.dynamic());
    var identical = List.of(Pattern.compile("x"), new URL("http://host.invalid/"), queue());
    StateStore store = kept.open(getClass().getClassLoader());
    StateStore next = kept.open(getClass().getClassLoader());
    for (Object value : values()) {
      store.setCurrentKey(value.toString());
      store.value(single).update(value);
      store.list(list).add(value);
      store.list(list).add(value);
      store.map(map).put("a", value);
    }
    for (Object value : identical) {
      store.setCurrentKey(told(value).toString());
      store.value(single).update(value);
    }
    next.restore(store.freeze().write());
    for (Object value : values()) {
      next.setCurrentKey(value.toString());
      assertThat(next.value(single).value()).isEqualTo(value);
      assertThat(next.list(list).get()).containsExactly(value, value);
      assertThat(next.map(map).get("a")).isEqualTo(value);
    }
    for (Object value : identical) {
      next.setCurrentKey(told(value).toString());
      assertThat(told(next.value(single).value())).isEqualTo(told(value));
    }
  }

  private static PriorityQueue<String> queue() {
    return new PriorityQueue<>(List.of("c", "a", "b"));
  }

  /** A class of the job changes inside of a collection or an entry of the JDK. */
  @ParameterizedTest
  @EnumSource(Kept.class)
  void whatIsInThemMayChange(Kept kept) throws Exception {
    String held =
        "public record Held(java.util.EnumMap<java.util.concurrent.TimeUnit, Order> units,"
            + " java.util.Map.Entry<String, Order> entry, java.util.Vector<Order> all,"
            + " java.util.concurrent.ConcurrentLinkedQueue<Order> queue) {"
            + " public static Held of(Order order) { return new Held("
            + "new java.util.EnumMap<>(java.util.Map.of(java.util.concurrent.TimeUnit.DAYS, order)),"
            + " java.util.Map.entry(\"k\", order), new java.util.Vector<>(java.util.List.of(order)),"
            + " new java.util.concurrent.ConcurrentLinkedQueue<>(java.util.List.of(order))); } }";
    ClassLoader before =
        CompiledClasses.of(
            folder.resolve("before"), "public record Order(int price, int amount) {}", held);
    ClassLoader after =
        CompiledClasses.of(
            folder.resolve("after"), "public record Order(String note, int price) {}", held);
    var order = before.loadClass("Order").getConstructors()[0].newInstance(3, 4);
    StateStore store = kept.open(before);
    store.setCurrentKey("a");
    store.value(descriptor(before)).update(held(before, order));
    StateStore next = kept.open(after);
    next.restore(store.freeze().write());
    next.setCurrentKey("a");

    var changed = after.loadClass("Order").getConstructors()[0].newInstance(null, 3);
    assertThat(next.value(descriptor(after)).value()).hasToString(held(after, changed).toString());
  }

  private static Object held(ClassLoader loader, Object order) throws Exception {
    return loader.loadClass("Held").getMethod("of", order.getClass()).invoke(null, order);
  }

  @SuppressWarnings("unchecked")
  private static ValueStateDescriptor<Object> descriptor(ClassLoader loader) throws Exception {
    return new ValueStateDescriptor<>(
        "held", (TypeInformation<Object>) TypeInformation.of(loader.loadClass("Held")));
  }

  /** A key as programs for other engines have it. */
  public static class Place {
    private String city;
    private TimeUnit unit;

    public Place() {}

    Place(String city, TimeUnit unit) {
      this.city = city;
      this.unit = unit;
    }

    public String getCity() {
      return city;
    }

    public void setCity(String city) {
      this.city = city;
    }

    public TimeUnit getUnit() {
      return unit;
    }

    public void setUnit(TimeUnit unit) {
      this.unit = unit;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Place that && Objects.equals(city, that.city) && unit == that.unit;
    }

    /** Another one in each process, as that of an enum is. */
    @Override
    public int hashCode() {
      return Objects.hash(city, unit);
    }
  }

  record Reading(int city, Timestamp at, EnumMap<TimeUnit, Integer> counts) {}

  /** Of the readings of a place, all times. */
  static final class Times
      extends KeyedProcessFunction<Place, Reading, Map.Entry<String, Integer>> {
    private static final long serialVersionUID = 1L;

    private transient ValueState<TreeSet<Timestamp>> times;

    @Override
    public void open(OpenContext context) {
      times =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>(
                      "times",
                      new io.millrace.api.type.TypeHint<TreeSet<Timestamp>>() {}.getTypeInfo()));
    }

    @Override
    public void processElement(
        Reading reading, Context context, Collector<Map.Entry<String, Integer>> out)
        throws Exception {
      TreeSet<Timestamp> known = times.value();
      known = known == null ? new TreeSet<>() : known;
      known.add(reading.at());
      times.update(known);
      String place = context.getCurrentKey().getCity() + context.getCurrentKey().getUnit();
      out.collect(Map.entry(place, known.size()));
    }
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(strings = {"hashmap", "rocksdb"})
  void aJobIsKeyedByAPojoAndCarriesThem(String backend) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("state.backend.type", backend);
    env.setParallelism(2);
    var found = new TreeMap<String, Integer>();
    var records =
        env.fromSequence(0, 399)
            .map(
                n ->
                    new Reading(
                        (int) (n % 20),
                        new Timestamp(n),
                        new EnumMap<>(Map.of(n % 40 < 20 ? TimeUnit.DAYS : TimeUnit.HOURS, 1))))
            .keyBy(
                reading ->
                    new Place("c" + reading.city(), reading.counts().keySet().iterator().next()))
            .process(new Times())
            .executeAndCollect();
    try (records) {
      records.forEachRemaining(one -> found.merge(one.getKey(), one.getValue(), Math::max));
    }
    assertThat(found).hasSize(40);
    assertThat(found.values()).containsOnly(10);
  }
}
