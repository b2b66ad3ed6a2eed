package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NoSerializerTest {

  record Outer(String name, Map<String, Inner> inners) {}

  record Inner(Thread thread) {}

  static final class Holder {
    private final List<String> names = List.of();
    private final Deeper deeper = new Deeper();

    int size() {
      return names.size() + deeper.hashCode();
    }
  }

  static final class Deeper {
    private final ReentrantLock lock = new ReentrantLock();

    boolean locked() {
      return lock.isLocked();
    }
  }

  static final class Worker extends Thread {}

  @Test
  void classesOfTheJdkThatHoldNoDataAreRefusedAtOnce() {
    for (Class<?> type :
        List.of(Thread.class, ReentrantLock.class, Stream.class, java.io.InputStream.class)) {
      assertThatThrownBy(() -> Serializers.of(type))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("type " + type.getName() + " has no serializer: ");
    }
  }

  @Test
  void thePathOfTheFieldIsNamed() {
    assertThatThrownBy(() -> Serializers.of(Outer.class))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("type java.lang.Thread (field path inners.value.thread)");
    assertThatThrownBy(() -> TypeInformation.of(Holder.class))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining(
            "type java.util.concurrent.locks.ReentrantLock (field path deeper.lock)");
  }

  @Test
  void hiddenStateOfTheJdkIsNotTakenForData() {
    assertThatThrownBy(() -> Serializers.of(Worker.class))
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("it extends java.lang.Thread");
  }

  @Test
  void aDynamicValueIsRefusedWhenItTurnsUp() {
    for (Object value :
        List.of(new Object[] {Thread.currentThread()}, (Runnable) () -> {}, Thread.State.NEW)) {
      assertThatThrownBy(() -> RoundTripTest.bytes(Serializers.dynamic(), value))
          .isInstanceOf(NoSerializerException.class);
    }
  }

  record Open(List<Object> anything) {}

  @Test
  void aClosedTypeHoldsNothingThatNamesItsClass() {
    assertThat(Serializers.closed(Samples.Shape.class)).isNotNull();
    assertThat(Serializers.closed(Samples.WithLists.class)).isNotNull();
    for (Class<?> type :
        List.of(Open.class, Object.class, Samples.Account.class, Samples.Secret.class)) {
      assertThatThrownBy(() -> Serializers.closed(type))
          .isInstanceOf(NoSerializerException.class)
          .hasMessageContaining("values must name their class");
    }
  }

  @Test
  void aFailedResolutionLeavesNothingBehind() {
    Catalog catalog = new Catalog(getClass().getClassLoader());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> catalog.resolve(Outer.class))
          .isInstanceOf(NoSerializerException.class);
    }
    assertThat(catalog.resolve(String.class)).isNotNull();
  }

  /** Equal by name only: in several key groups otherwise. */
  public static class Loose {
    public String name;
    public long seen;

    @Override
    public boolean equals(Object other) {
      return other instanceof Loose that && Objects.equals(name, that.name);
    }

    @Override
    public int hashCode() {
      return Objects.hashCode(name);
    }
  }

  @Test
  void whatHasNoStableHashIsNamed() {
    for (Object value : List.of(new Loose(), new Ring())) {
      assertThat(Serializers.of(value.getClass()).hashable()).isFalse();
      assertThatThrownBy(() -> Serializers.dynamic().hash(List.of(1, value)))
          .isInstanceOf(NotHashableException.class)
          .hasMessageContaining(value.getClass().getName());
    }
    assertThatThrownBy(() -> Serializers.dynamic().hash(Map.of()))
        .isInstanceOf(NotHashableException.class)
        .hasMessageContaining("java.util.Map");
    assertThat(Serializers.of(Samples.WithLists.class).hashable()).isFalse();
  }

  record Failed(Exception cause) {}

  record Drawing(Random random) {}

  record Found(IdentityHashMap<String, String> names) {}

  /** When the job is planned, not at the first record. */
  @Test
  void aClassOfTheJdkWithHiddenStateIsRefusedWhereItIsDeclared() {
    Map.of(Failed.class, "cause", Drawing.class, "random", Found.class, "names")
        .forEach(
            (type, field) ->
                assertThatThrownBy(() -> Serializers.of(type))
                    .isInstanceOf(NoSerializerException.class)
                    .hasMessageContaining(type.getRecordComponents()[0].getType().getName())
                    .hasMessageContaining("(field path " + field + ")"));
  }

  /** A POJO that refers to itself. */
  public static class Ring {
    public Ring next;
  }

  @Test
  void whatRefersToItselfIsNamedByACopyToo() {
    Ring ring = new Ring();
    ring.next = ring;
    assertThatThrownBy(() -> Serializers.of(Ring.class).copy(ring))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Ring")
        .hasMessageContaining("by an id");
  }
}
