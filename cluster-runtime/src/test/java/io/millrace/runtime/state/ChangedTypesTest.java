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
import io.millrace.api.type.TypeInformation;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.tools.ToolProvider;
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
    Path own = Files.createDirectory(folder.resolve("v" + versions++));
    var compiler = ToolProvider.getSystemJavaCompiler();
    for (String source : sources) {
      String name =
          source.replaceAll(
              "(?s).*?public (?:final )?(?:record|class|enum|sealed interface) (\\w+).*", "$1");
      Files.writeString(own.resolve(name + ".java"), source);
    }
    String[] files;
    try (var all = Files.list(own)) {
      files = all.map(Path::toString).toArray(String[]::new);
    }
    assertThat(compiler.run(null, null, null, files)).isZero();
    return new URLClassLoader(new URL[] {own.toUri().toURL()}, getClass().getClassLoader());
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

  @ParameterizedTest
  @EnumSource
  void fieldsThatChangedPlacesAreNotReadAsEachOther(Kept kept) throws Exception {
    refuses(
        kept,
        RECORD,
        "public record Order(int amount, int price) {}",
        "the fields of Order were price, amount, are amount, price",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void aRenamedFieldIsRefused(Kept kept) throws Exception {
    refuses(
        kept,
        RECORD,
        "public record Order(int price, int tax) {}",
        "field 'tax' of Order is new; field 'amount' of Order is gone",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void anAddedFieldIsRefused(Kept kept) throws Exception {
    refuses(
        kept,
        RECORD,
        "public record Order(int price, int amount, boolean paid) {}",
        "field 'paid' of Order is new",
        1,
        2);
  }

  @ParameterizedTest
  @EnumSource
  void aRemovedFieldIsRefused(Kept kept) throws Exception {
    refuses(
        kept, RECORD, "public record Order(int price) {}", "field 'amount' of Order is gone", 1, 2);
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
  void fieldsOfPojosAndOfWhatTheyHoldAreCompared(Kept kept) throws Exception {
    String pojo =
        "public class Order { public java.util.List<Line> lines = java.util.List.of();"
            + " public Order next; public String toString() { return \"o\"; }"
            + " public record Line(%s) {} }";
    refuses(
        kept,
        pojo.formatted("int a, int b"),
        pojo.formatted("int b, int a"),
        "the fields of Order$Line were a, b, are b, a");
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
  void aNewMemberOfASealedFamilyIsRefused(Kept kept) throws Exception {
    String family =
        "public sealed interface Order { record Buy(int x) implements Order {} "
            + "record Sell(int x) implements Order {} %s }";
    ClassLoader before = version(family.formatted(""));
    byte[] bytes = written(kept, before, "Order", make(before, "Order$Sell", 1));
    ClassLoader after = version(family.formatted("record Cancel(int x) implements Order {}"));
    assertThatThrownBy(() -> read(kept, after, "Order", bytes))
        .hasMessageContaining("member 'Order$Cancel' of Order is new");
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
  void classesThatValuesNameThemselvesAreCompared(Kept kept) throws Exception {
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

    ClassLoader after = version("public record Order(int amount, int price) {}");
    StateStore other = kept.open(after);
    other.restore(bytes);
    assertThatThrownBy(() -> other.value(descriptor))
        .hasMessageContaining("state 'orders'")
        .hasMessageContaining("the fields of Order were price, amount, are amount, price");
  }

  @ParameterizedTest
  @EnumSource
  void listsAndMapsAreComparedAlsoIfTheyExpire(Kept kept) throws Exception {
    ClassLoader before = version(RECORD);
    StateStore store = kept.open(before);
    var list = store.list(new ListStateDescriptor<>("list", type(before, "Order")));
    var map = store.map(expiring(before));
    store.setCurrentKey("a");
    Object order = make(before, "Order", 1, 2);
    list.add(order);
    map.put("k", order);
    byte[] untouched = carriedOn(kept, before, store.freeze().write());

    ClassLoader after = version("public record Order(int amount, int price) {}");
    StateStore other = kept.open(after);
    other.restore(untouched);
    for (var declared :
        List.<Declaration>of(
            () -> other.list(new ListStateDescriptor<>("list", type(after, "Order"))),
            () -> other.map(expiring(after)))) {
      assertThatThrownBy(declared::run)
          .hasMessageContaining("the fields of Order were price, amount, are amount, price");
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
}
