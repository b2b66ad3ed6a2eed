package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.api.type.TypeInformation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job goes on from a checkpoint with classes of the same names that are made otherwise. */
class ChangedTypesTest {
  private static final String RECORD = "public record Order(int price, int amount) {}";

  @TempDir Path folder;
  private int versions;

  /** Which store. */
  enum Kept {
    ON_THE_HEAP,
    IN_ROWS;

    @SuppressWarnings("unchecked")
    StateStore open(Serializer<?> keys, ClassLoader loader) {
      var serializer = (Serializer<Object>) keys;
      return this == ON_THE_HEAP
          ? HeapStateStore.create(serializer, 0, 15, 16, loader)
          : RowStateStore.create(serializer, 0, 15, 16, loader, new MemoryRows(), 1 << 16);
    }

    StateStore open(ClassLoader loader) {
      return open(Serializers.of(String.class), loader);
    }
  }

  /** The classes of one version of the job. */
  private ClassLoader version(String... sources) throws Exception {
    return CompiledClasses.of(folder.resolve("v" + versions++), sources);
  }

  private static Object make(ClassLoader loader, String type, Object... arguments)
      throws ReflectiveOperationException {
    for (var each : loader.loadClass(type).getConstructors()) {
      if (each.getParameterCount() == arguments.length) {
        return each.newInstance(arguments);
      }
    }
    throw new NoSuchMethodException(type);
  }

  @SuppressWarnings("unchecked")
  private static TypeInformation<Object> type(ClassLoader loader, String name) throws Exception {
    return (TypeInformation<Object>) TypeInformation.of(loader.loadClass(name));
  }

  private static ValueStateDescriptor<Object> value(ClassLoader loader, String name)
      throws Exception {
    return new ValueStateDescriptor<>("orders", type(loader, name));
  }

  private static byte[] written(Kept kept, ClassLoader loader, String type, Object value)
      throws Exception {
    StateStore store = kept.open(loader);
    var state = store.value(value(loader, type));
    store.setCurrentKey("a");
    state.update(value);
    return store.freeze().write();
  }

  private static Object read(Kept kept, ClassLoader loader, String type, byte[] bytes)
      throws Exception {
    StateStore store = kept.open(loader);
    store.restore(bytes);
    var state = store.value(value(loader, type));
    store.setCurrentKey("a");
    return state.value();
  }

  private void refuses(Kept kept, String was, String is, String changes, Object... arguments)
      throws Exception {
    ClassLoader before = version(was);
    String name = before.loadClass("Order").getName();
    byte[] bytes = written(kept, before, name, make(before, name, arguments));
    assertThat(read(kept, version(was), name, bytes))
        .hasToString(make(before, name, arguments).toString());
    ClassLoader after = version(is);
    assertThatThrownBy(() -> read(kept, after, name, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "state 'orders' holds Order, which has changed since the checkpoint: "
                + changes
                + "; restore the fields, or give the changed class or the state a new name");
  }

  /**
   * Reads what the first version wrote with the second one, and what that writes with the first.
   */
  private void becomes(Kept kept, String was, String is, String value, Object... arguments)
      throws Exception {
    ClassLoader before = version(was);
    byte[] bytes = written(kept, before, "Order", make(before, "Order", arguments));
    ClassLoader after = version(is);
    assertThat(read(kept, after, "Order", bytes)).hasToString(value);
    assertThat(read(kept, after, "Order", carriedOn(kept, after, bytes))).hasToString(value);
    assertThat(read(kept, before, "Order", carriedOn(kept, after, bytes)))
        .hasToString(make(before, "Order", arguments).toString());
  }

  @ParameterizedTest
  @EnumSource
  void fieldsMayChangePlaces(Kept kept) throws Exception {
    becomes(
        kept,
        RECORD,
        "public record Order(int amount, int price) {}",
        "Order[amount=2, price=1]",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void anAddedFieldGetsItsDefault(Kept kept) throws Exception {
    becomes(
        kept,
        RECORD,
        "public record Order(boolean paid, int price, String note, int amount, double d) {}",
        "Order[paid=false, price=1, note=null, amount=2, d=0.0]",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void aRemovedFieldIsReadOver(Kept kept) throws Exception {
    becomes(kept, RECORD, "public record Order(int amount) {}", "Order[amount=2]", 1, 2);
  }

  @ParameterizedTest
  @EnumSource
  void aRenamedFieldIsARemovedAndAnAddedOne(Kept kept) throws Exception {
    becomes(
        kept, RECORD, "public record Order(int price, int tax) {}", "Order[price=1, tax=0]", 1, 2);
  }

  @ParameterizedTest
  @EnumSource
  void primitivesBecomeWiderOrTheirBox(Kept kept) throws Exception {
    becomes(
        kept,
        RECORD,
        "public record Order(long price, Integer amount) {}",
        "Order[price=1, amount=2]",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void anotherTypeOfTheSameSizeIsRefused(Kept kept) throws Exception {
    refuses(
        kept,
        RECORD,
        "public record Order(float price, int amount) {}",
        "field 'price' of Order was int, is float",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void narrowerPrimitivesAreRefusedByName(Kept kept) throws Exception {
    refuses(
        kept,
        "public record Order(long price, Integer amount) {}",
        RECORD,
        "field 'price' of Order was long, is int; field 'amount' of Order was"
            + " java.lang.Integer, is int",
        1L,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void whatTheProgramWritesAnewHasTheNewShape(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    byte[] bytes = written(kept, before, "Order", make(before, "Order", 1, 2));
    ClassLoader after = version("public record Order(long price, int amount) {}");
    StateStore store = kept.open(after);
    store.restore(bytes);
    store.value(value(after, "Order"));
    byte[] migrated = store.freeze().write();
    assertThat(read(kept, after, "Order", migrated)).hasToString("Order[price=1, amount=2]");
    assertThatThrownBy(() -> read(kept, before, "Order", migrated))
        .hasMessageContaining("field 'price' of Order was long, is int");
  }

  /**
   * Rows that stay in files keep the shape that they have until somebody asks for the state; then
   * all of them get the new one, and none of the old ones is in the next files.
   */
  @Test
  void filesOfRowsAreMigratedWhenTheStateIsAskedForAndHoldOneShape() throws Exception {
    ClassLoader before = version(RECORD);
    ClassLoader after = version("public record Order(String note, long amount) {}");
    RowStateStore first = fromFiles(before, List.of());
    var orders = first.value(value(before, "Order"));
    for (int i = 0; i < 300; i++) {
      first.setCurrentKey("k" + i);
      orders.update(make(before, "Order", 7, i));
    }
    CapturedRows old = captured(first);

    // Nobody asks: what is captured again is still of the old shape, for either version.
    CapturedRows stillOld = captured(fromFiles(after, List.of(old)));
    assertThat(holds(stillOld)).isEqualTo(holds(old));
    RowStateStore back = fromFiles(before, List.of(stillOld));
    var unchanged = back.value(value(before, "Order"));
    back.setCurrentKey("k299");
    assertThat(unchanged.value()).hasToString("Order[price=7, amount=299]");

    RowStateStore second = fromFiles(after, List.of(captured(back)));
    var changed = second.value(value(after, "Order"));
    second.setCurrentKey("k1");
    changed.update(make(after, "Order", "new", 10L));
    CapturedRows next = captured(second);
    assertThat(holds(next)).hasSize(1).isNotEqualTo(holds(old));
    assertThat(second.entryCount()).isEqualTo(300);

    RowStateStore third = fromFiles(after, List.of(next));
    var restored = third.value(value(after, "Order"));
    for (int i = 0; i < 300; i++) {
      third.setCurrentKey("k" + i);
      assertThat(restored.value())
          .hasToString(
              i == 1 ? "Order[note=new, amount=10]" : "Order[note=null, amount=" + i + "]");
    }
    RowStateStore refused = fromFiles(before, List.of(captured(third)));
    assertThatThrownBy(() -> refused.value(value(before, "Order")))
        .hasMessageContaining("field 'amount' of Order was long, is int");
  }

  @SuppressWarnings("unchecked")
  private static RowStateStore fromFiles(ClassLoader loader, List<CapturedRows> captured) {
    var keys = (Serializer<Object>) (Serializer<?>) Serializers.of(String.class);
    return RowStateStore.open(keys, 0, 15, 16, loader, MemoryRows.FACTORY, 1 << 12, captured);
  }

  private static CapturedRows captured(RowStateStore store) {
    return store.capture().captured().orElseThrow();
  }

  private static List<Shape> holds(CapturedRows captured) {
    return RowHead.read(captured.head()).tables().stream()
        .map(table -> table.holds().shape())
        .toList();
  }

  /** One subtask asked for the state and the other did not; a third gets the parts of both. */
  @ParameterizedTest
  @EnumSource
  void stateOfTwoVersionsIsCarriedOnAndReadTogether(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    ClassLoader after = version("public record Order(int amount, long price) {}");
    StateStore one = kept.open(before);
    var old = one.value(value(before, "Order"));
    one.setCurrentKey("a");
    old.update(make(before, "Order", 1, 2));
    StateStore two = kept.open(after);
    var current = two.value(value(after, "Order"));
    two.setCurrentKey("b");
    current.update(make(after, "Order", 3, 4L));

    StateStore third = kept.open(after);
    third.restore(one.freeze().write());
    third.restore(two.freeze().write());
    StateStore fourth = kept.open(after);
    fourth.restore(third.freeze().write());
    var both = fourth.value(value(after, "Order"));
    fourth.setCurrentKey("a");
    assertThat(both.value()).hasToString("Order[amount=2, price=1]");
    fourth.setCurrentKey("b");
    assertThat(both.value()).hasToString("Order[amount=3, price=4]");
  }

  @ParameterizedTest
  @EnumSource
  void fieldsOfPojosAndOfWhatTheyHoldAreMigrated(Kept kept) throws Exception {
    String pojo =
        "public class Order { public java.util.List<Line> lines = java.util.List.of(%s);"
            + " %s public Order next; public String toString() { return \"\" + lines; }"
            + " public record Line(%s) {} }";
    becomes(
        kept,
        pojo.formatted("new Line(1, 2)", "public int x = 5;", "int a, int b"),
        pojo.formatted("", "public short y = 6;", "long b, int a"),
        "[Line[b=2, a=1]]");
  }

  @ParameterizedTest
  @EnumSource
  void fieldsThatKryoWritesAreCompared(Kept kept) throws Exception {
    String kryo =
        "public final class Order { private final int %s; public Order(int x) { %s = x; }"
            + " public String toString() { return \"o\"; } }";
    refuses(
        kept,
        kryo.formatted("a", "a"),
        kryo.formatted("b", "b"),
        "field 'b' of Order is new; field 'a' of Order is gone",
        1);
  }

  @ParameterizedTest
  @EnumSource
  void membersOfSealedFamiliesMayComeAndGo(Kept kept) throws Exception {
    String family = "public sealed interface Order { %s }";
    String buy = "record Buy(int x) implements Order {}";
    String sell = "record Sell(int x) implements Order {}";
    ClassLoader before = version(family.formatted(buy + sell));
    byte[] bytes = written(kept, before, "Order", make(before, "Order$Sell", 1));
    ClassLoader after = version(family.formatted(sell + "record Aside(int x) implements Order {}"));
    assertThat(read(kept, after, "Order", bytes)).hasToString("Sell[x=1]");
    ClassLoader without = version(family.formatted(buy));
    assertThatThrownBy(() -> read(kept, without, "Order", bytes))
        .hasMessageContaining(
            "state 'orders': member 'Order$Sell' of Order is gone, but a value has it");
  }

  @ParameterizedTest
  @EnumSource
  void constantsMayBeAddedAndChangePlaces(Kept kept) throws Exception {
    ClassLoader before = version("public enum Side { BUY, SELL }");
    Object sell = before.loadClass("Side").getEnumConstants()[1];
    byte[] bytes = written(kept, before, "Side", sell);
    ClassLoader after = version("public enum Side { NONE, SELL, BUY }");
    assertThat(read(kept, after, "Side", bytes)).hasToString("SELL");
    ClassLoader without = version("public enum Side { BUY }");
    assertThatThrownBy(() -> read(kept, without, "Side", bytes))
        .hasMessage("state 'orders': enum Side has no constant SELL");
  }

  @ParameterizedTest
  @EnumSource
  void classesThatValuesNameThemselvesAreMigrated(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    var descriptor = new ValueStateDescriptor<Object>("orders", TypeInformation.dynamic());
    StateStore store = kept.open(before);
    var state = store.value(descriptor);
    store.setCurrentKey("a");
    state.update(make(before, "Order", 1, 2));
    byte[] bytes = store.freeze().write();

    StateStore same = kept.open(version(RECORD));
    same.restore(bytes);
    var read = same.value(descriptor);
    same.setCurrentKey("a");
    assertThat(read.value()).hasToString("Order[price=1, amount=2]");

    ClassLoader after = version("public record Order(String note, int amount, int price) {}");
    StateStore other = kept.open(after);
    other.restore(bytes);
    read = other.value(descriptor);
    other.setCurrentKey("a");
    assertThat(read.value()).hasToString("Order[note=null, amount=2, price=1]");

    ClassLoader last = version("public record Order(int amount, char price) {}");
    StateStore refusing = kept.open(last);
    refusing.restore(bytes);
    assertThatThrownBy(() -> refusing.value(descriptor))
        .hasMessageContaining("state 'orders'")
        .hasMessageContaining("field 'price' of Order was int, is char");
  }

  @ParameterizedTest
  @EnumSource
  void listsAndMapsAreMigratedAlsoIfTheyExpire(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    StateStore store = kept.open(before);
    var list = store.list(new ListStateDescriptor<>("list", type(before, "Order")));
    var map = store.map(expiring(before));
    store.setCurrentKey("a");
    Object order = make(before, "Order", 1, 2);
    list.add(order);
    map.put("k", order);
    byte[] untouched = carriedOn(kept, before, store.freeze().write());

    ClassLoader moved = version("public record Order(long amount, int price) {}");
    StateStore next = kept.open(moved);
    next.restore(untouched);
    var nextList = next.list(new ListStateDescriptor<>("list", type(moved, "Order")));
    var nextMap = next.map(expiring(moved));
    next.setCurrentKey("a");
    assertThat(nextList.get()).hasToString("[Order[amount=2, price=1]]");
    assertThat(nextMap.get("k")).hasToString("Order[amount=2, price=1]");

    ClassLoader after = version("public record Order(int amount, byte price) {}");
    StateStore other = kept.open(after);
    other.restore(untouched);
    for (var declared :
        List.<Declaration>of(
            () -> other.list(new ListStateDescriptor<>("list", type(after, "Order"))),
            () -> other.map(expiring(after)))) {
      assertThatThrownBy(declared::run)
          .hasMessageContaining("field 'price' of Order was int, is byte");
    }
  }

  private interface Declaration {
    void run() throws Exception;
  }

  /** Through a checkpoint of a program that never asked for the state. */
  private static byte[] carriedOn(Kept kept, ClassLoader loader, byte[] bytes) {
    StateStore store = kept.open(loader);
    store.restore(bytes);
    return store.freeze().write();
  }

  private static MapStateDescriptor<String, Object> expiring(ClassLoader loader) throws Exception {
    var map =
        new MapStateDescriptor<String, Object>(
            "map", TypeInformation.of(String.class), type(loader, "Order"));
    map.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofDays(1)).build());
    return map;
  }

  @ParameterizedTest
  @EnumSource
  void keysOfAnotherTypeAreRefused(Kept kept) {
    ClassLoader loader = getClass().getClassLoader();
    StateStore store = kept.open(Serializers.of(Integer.class), loader);
    store.setCurrentKey(7);
    store.setTimer(TimerDomain.EVENT_TIME, 1);
    byte[] bytes = store.freeze().write();
    StateStore floats = kept.open(Serializers.of(Float.class), loader);
    assertThatThrownBy(() -> floats.restore(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("under keys of another type in the checkpoint")
        .hasMessageContaining("the type was java.lang.Integer, is java.lang.Float");
  }

  @ParameterizedTest
  @EnumSource
  void keysWhoseFieldsChangedAreRefused(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    StateStore store = kept.open(Serializers.of(before.loadClass("Order")), before);
    var count = store.value(new ValueStateDescriptor<>("count", Long.class));
    store.setCurrentKey(make(before, "Order", 1, 2));
    count.update(1L);
    byte[] bytes = store.freeze().write();
    ClassLoader after = version("public record Order(int amount, int price) {}");
    StateStore other = kept.open(Serializers.of(after.loadClass("Order")), after);
    assertThatThrownBy(() -> other.restore(bytes))
        .hasMessageContaining("state 'count' is under keys of another type")
        .hasMessageContaining("the fields of Order were price, amount, are amount, price");
  }

  @ParameterizedTest
  @EnumSource
  void keysMayChangeAsLongAsTheirHashStays(Kept kept) throws Exception {
    String key =
        "public record Order(%s id, Side side, java.util.List<Kind> kinds) {"
            + " public enum Side { %s } public sealed interface Kind { %s } }";
    String one = "record One(int x) implements Kind {}";
    ClassLoader before = version(key.formatted("int", "BUY, SELL", one));
    ClassLoader after =
        version(
            key.formatted("Integer", "NEW, SELL, BUY", "record All() implements Kind {} " + one));
    StateStore store = kept.open(Serializers.of(before.loadClass("Order")), before);
    var count = store.value(new ValueStateDescriptor<>("count", Long.class));
    store.setCurrentKey(key(before));
    count.update(7L);
    store.setTimer(TimerDomain.EVENT_TIME, 12);
    byte[] bytes = store.freeze().write();

    byte[] untouched;
    StateStore next = kept.open(Serializers.of(after.loadClass("Order")), after);
    next.restore(bytes);
    next.setCurrentKey(key(after));
    next.setTimer(TimerDomain.EVENT_TIME, 13);
    untouched = next.freeze().write();
    StateStore last = kept.open(Serializers.of(after.loadClass("Order")), after);
    last.restore(untouched);
    var counted = last.value(new ValueStateDescriptor<>("count", Long.class));
    last.setCurrentKey(key(after));
    assertThat(counted.value()).isEqualTo(7);
    assertThat(last.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(12);
    assertThat(last.fireNext(TimerDomain.EVENT_TIME, 12)).isTrue();
    assertThat(last.currentKey()).isEqualTo(key(after));
    assertThat(last.earliestTimer(TimerDomain.EVENT_TIME)).isEqualTo(13);
  }

  private static Object key(ClassLoader loader) throws Exception {
    Object buy = loader.loadClass("Order$Side").getField("BUY").get(null);
    return make(loader, "Order", 5, buy, List.of(make(loader, "Order$Kind$One", 3)));
  }

  @ParameterizedTest
  @EnumSource
  void keysOfMapsMayNotFallTogether(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    StateStore store = kept.open(before);
    var map = store.map(byOrder(before));
    store.setCurrentKey("a");
    map.put(make(before, "Order", 1, 2), 3L);
    map.put(make(before, "Order", 1, 3), 4L);
    byte[] bytes = store.freeze().write();

    ClassLoader after = version("public record Order(int amount, int tax, long price) {}");
    StateStore next = kept.open(after);
    next.restore(bytes);
    var moved = next.map(byOrder(after));
    next.setCurrentKey("a");
    assertThat(moved.get(make(after, "Order", 3, 0, 1L))).isEqualTo(4);

    ClassLoader fewer = version("public record Order(int price) {}");
    StateStore last = kept.open(fewer);
    last.restore(bytes);
    assertThatThrownBy(() -> last.map(byOrder(fewer)))
        .hasMessageContaining("field 'amount' of Order is gone");
  }

  private static MapStateDescriptor<Object, Long> byOrder(ClassLoader loader) throws Exception {
    return new MapStateDescriptor<>("map", type(loader, "Order"), TypeInformation.of(Long.class));
  }
}
