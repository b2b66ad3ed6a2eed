package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.Samples.Account;
import io.millrace.api.type.Samples.Circle;
import io.millrace.api.type.Samples.Group;
import io.millrace.api.type.Samples.Node;
import io.millrace.api.type.Samples.Sample;
import io.millrace.api.type.Samples.Savings;
import io.millrace.api.type.Samples.Shape;
import io.millrace.api.type.Samples.WithArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RoundTripTest {

  static <T> byte[] bytes(Serializer<T> serializer, T value) {
    DataWriter out = new DataWriter();
    serializer.write(value, out);
    return out.toByteArray();
  }

  static <T> T through(Serializer<T> serializer, T value) {
    DataReader in = new DataReader(bytes(serializer, value));
    T read = serializer.read(in);
    assertThat(in.remaining()).isZero();
    return read;
  }

  @Test
  void everyTypeComesBackEqual() {
    for (Sample sample : Samples.all()) {
      Object read = through(sample.serializer(), sample.value());
      assertThat(Samples.same(read, sample.value())).as("%s as %s", sample, read).isTrue();
    }
  }

  /** One byte; any other than that of null is refused. */
  @Test
  void aVoidIsNull() {
    Serializer<?> serializer = Serializers.of(Void.class, Samples.class.getClassLoader());
    var out = new DataWriter();
    serializer.write(null, out);

    assertThat(out.toByteArray()).containsExactly(0);
    assertThat(serializer.read(new DataReader(out.toByteArray()))).isNull();
    assertThatThrownBy(() -> serializer.read(new DataReader(new byte[] {1})))
        .isInstanceOf(CorruptDataException.class);
    assertThat(Types.VOID.getTypeClass()).isEqualTo(Void.class);
  }

  @Test
  void everyTypeComesBackEqualWhenItIsDynamic() {
    DataWriter out = new DataWriter();
    Serializer<Object> dynamic = Serializers.dynamic();
    for (Sample sample : Samples.all()) {
      dynamic.write(sample.value(), out);
    }
    DataReader in = new DataReader(out.toByteArray());
    for (Sample sample : Samples.all()) {
      Object read = dynamic.read(in);
      assertThat(Samples.same(read, sample.value())).as("%s as %s", sample, read).isTrue();
    }
    assertThat(in.remaining()).isZero();
  }

  @Test
  void everyTypeHasNull() {
    for (Sample sample : Samples.all()) {
      Serializer<Object> serializer = sample.serializer();
      assertThat(through(serializer, null)).as("%s", sample).isNull();
      assertThat(serializer.copy(null)).isNull();
    }
    assertThat(through(Serializers.dynamic(), null)).isNull();
  }

  @Test
  void copiesAreEqualAndImmutableValuesAreTheirOwnCopies() {
    Serializer<Object> dynamic = Serializers.dynamic();
    for (Sample sample : Samples.all()) {
      Serializer<Object> serializer = sample.serializer();
      Object copy = serializer.copy(sample.value());
      assertThat(Samples.same(copy, sample.value())).as("%s", sample).isTrue();
      assertThat(Samples.same(dynamic.copy(sample.value()), sample.value())).isTrue();
      if (serializer.immutable()) {
        assertThat(copy).as("%s", sample).isSameAs(sample.value());
      } else if (sample.value().getClass() != String.class) {
        assertThat(serializer.immutable()).isFalse();
      }
    }
  }

  /** Serializers change the way in which they do it once it pays. */
  @Test
  void valuesStayTheSameHoweverOftenTheyAreMoved() {
    for (Sample sample : Samples.all()) {
      Serializer<Object> serializer = sample.serializer();
      byte[] first = bytes(serializer, sample.value());
      for (int i = 0; i < 1_200; i++) {
        serializer.copy(sample.value());
        serializer.read(new DataReader(bytes(serializer, sample.value())));
      }
      assertThat(bytes(serializer, sample.value())).as("%s", sample).isEqualTo(first);
      assertThat(Samples.same(through(serializer, sample.value()), sample.value()))
          .as("%s", sample)
          .isTrue();
      assertThat(Samples.same(serializer.copy(sample.value()), sample.value()))
          .as("%s", sample)
          .isTrue();
    }
    Serializer<Account> accounts = Serializers.of(Account.class);
    for (int i = 0; i < 1_200; i++) {
      Account account = new Account("Ada", 1, new ArrayList<>(List.of("a")), true);
      Account copy = accounts.copy(account);
      account.getNotes().add("b");
      account.balance = 2;
      assertThat(copy).isEqualTo(new Account("Ada", 1, List.of("a"), true));
    }
  }

  @Test
  void aCopySharesNothingChangeable() {
    Account account = new Account("Ada", 1, new ArrayList<>(List.of("a")), true);
    Account copy = Serializers.of(Account.class).copy(account);
    account.getNotes().add("b");
    account.balance = 2;
    assertThat(copy).isEqualTo(new Account("Ada", 1, List.of("a"), true));

    WithArray array = new WithArray(new int[] {1});
    WithArray arrayCopy = Serializers.of(WithArray.class).copy(array);
    array.values()[0] = 2;
    assertThat(arrayCopy.values()).containsExactly(1);

    Tuple2<int[], String> tuple = Tuple2.of(new int[] {1}, "s");
    Tuple2<?, ?> tupleCopy = (Tuple2<?, ?>) Serializers.dynamic().copy(tuple);
    tuple.f0[0] = 2;
    assertThat((int[]) tupleCopy.f0).containsExactly(1);
    assertThat(tupleCopy.f1).isSameAs(tuple.f1);
  }

  @Test
  void mutabilityFollowsFromTheParts() {
    assertThat(Serializers.of(Samples.Person.class).immutable()).isTrue();
    assertThat(Serializers.of(Node.class).immutable()).isTrue();
    assertThat(Serializers.of(Samples.Tree.class).immutable()).isFalse();
    assertThat(Serializers.of(WithArray.class).immutable()).isFalse();
    assertThat(Serializers.of(Shape.class).immutable()).isFalse();
    assertThat(Serializers.of(Circle.class).immutable()).isTrue();
    assertThat(Serializers.of(Tuple2.class).immutable()).isFalse();
    assertThat(Serializers.of(Samples.Pair.class).immutable()).isFalse();
    assertThat(Serializers.of(Account.class).immutable()).isFalse();
    assertThat(Serializers.dynamic().immutable()).isFalse();
  }

  @Test
  void aPojoKeepsItsSubclass() {
    Account read = through(Serializers.of(Account.class), new Savings("Bob", 2));
    assertThat(read).isExactlyInstanceOf(Savings.class);
  }

  @Test
  void aSealedFamilyOfOneLevelCostsOneTag() {
    assertThat(bytes(Serializers.of(Shape.class), new Circle(1))).hasSize(1 + 1 + 8).startsWith(1);
  }

  @Test
  void viewsComeBackAsEqualListsAndMaps() {
    List<Integer> list = new ArrayList<>(List.of(1, 2, 3));
    for (Object view :
        List.of(
            list.subList(1, 3),
            Collections.unmodifiableList(list),
            Collections.emptyList(),
            Collections.singletonList(4),
            Collections.singletonMap("k", "v"),
            Collections.unmodifiableMap(new TreeMap<>(Map.of(1, 2))),
            Map.of(1, 2).keySet(),
            Arrays.asList(1, null))) {
      assertThat(through(Serializers.dynamic(), view)).isEqualTo(view);
    }
  }

  @Test
  void aComparatorIsNotLostSilently() {
    TreeMap<String, Integer> map = new TreeMap<>(Comparator.comparing(String::length));
    assertThatThrownBy(() -> bytes(Serializers.dynamic(), map))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("comparator");
  }

  @Test
  void aCycleIsRefusedWhenItIsWritten() {
    List<Object> list = new ArrayList<>();
    list.add(list);
    assertThatThrownBy(() -> bytes(Serializers.dynamic(), list))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nested deeper");
    Shape shape = new Circle(1);
    for (int i = 0; i < SealedSerializer.MAX_DEPTH; i++) {
      shape = new Group(List.of(shape));
    }
    Shape deep = shape;
    assertThatThrownBy(() -> bytes(Serializers.of(Shape.class), deep))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(through(Serializers.of(Shape.class), ((Group) deep).members().get(0)))
        .isEqualTo(((Group) deep).members().get(0));
  }

  @Test
  void theDictionaryStartsAnewAfterReset() {
    Serializer<Object> dynamic = Serializers.dynamic();
    DataWriter out = new DataWriter();
    dynamic.write(1L, out);
    int first = out.position();
    dynamic.write(2L, out);
    assertThat(out.position() - first).isEqualTo(1 + 1 + 8);
    out.reset();
    dynamic.write(1L, out);
    assertThat(out.position()).isEqualTo(first);
  }
}
