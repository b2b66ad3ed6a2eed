package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.OperatorState.Mode;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OwnStateTest {
  private static final Shape SHAPE = Shape.of(Serializers.of(Integer.class));

  @Test
  void dealsOutInTurnWhenTheParallelismChanges() {
    TreeMap<Integer, OwnState> left = new TreeMap<>();
    left.put(0, own(List.of(1, 2, 3), List.of(10)));
    left.put(1, own(List.of(), List.of(20)));
    left.put(2, own(List.of(4), List.of(30)));

    OwnState first = OwnState.divide(left, 3, 0, 2);
    OwnState second = OwnState.divide(left, 3, 1, 2);

    assertThat(numbers(first.entries())).containsExactly(1, 3);
    assertThat(numbers(second.entries())).containsExactly(2, 4);
    assertThat(numbers(state(first, Mode.SPLIT).elements())).containsExactly(1, 3);
    assertThat(numbers(state(second, Mode.SPLIT).elements())).containsExactly(2, 4);
    assertThat(numbers(state(first, Mode.UNION).elements())).containsExactly(10, 20, 30);
    assertThat(numbers(state(second, Mode.UNION).elements())).containsExactly(10, 20, 30);
    assertThat(numbers(state(first, Mode.BROADCAST).elements())).containsExactly(7);
    assertThat(numbers(state(second, Mode.BROADCAST).elements())).containsExactly(7);
  }

  @Test
  void givesEverySubtaskItsOwnBackWhenTheParallelismStays() {
    TreeMap<Integer, OwnState> left = new TreeMap<>();
    left.put(0, own(List.of(1, 2, 3), List.of(10)));
    left.put(1, own(List.of(4), List.of(20)));

    OwnState second = OwnState.divide(left, 2, 1, 2);

    assertThat(numbers(second.entries())).containsExactly(4);
    assertThat(numbers(state(second, Mode.SPLIT).elements())).containsExactly(4);
    assertThat(numbers(state(second, Mode.UNION).elements())).containsExactly(10, 20);
    assertThat(numbers(state(second, Mode.BROADCAST).elements())).containsExactly(7);
  }

  /** Whatever the sequence of parallelisms: nothing is lost, nothing doubled. */
  @Test
  void anySequenceOfRescalesKeepsEveryElementOnce() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      List<Integer> all = random.ints(random.nextInt(40), 0, 1000).boxed().sorted().toList();
      int parallelism = 1;
      TreeMap<Integer, OwnState> now = new TreeMap<>();
      now.put(0, own(all, all));
      for (int step = 0; step < 8; step++) {
        int next = 1 + random.nextInt(9);
        var after = new TreeMap<Integer, OwnState>();
        for (int subtask = 0; subtask < next; subtask++) {
          OwnState divided = OwnState.divide(now, parallelism, subtask, next);
          assertThat(numbers(state(divided, Mode.UNION).elements())).isEqualTo(all);
          assertThat(numbers(state(divided, Mode.BROADCAST).elements())).containsExactly(7);
          // As a function does with a union: it keeps its part.
          List<Integer> mine = numbers(state(divided, Mode.SPLIT).elements());
          var left = own(numbers(divided.entries()), subtask == 0 ? all : List.of(), mine);
          after.put(subtask, OwnState.read(List.of(joined(left))));
        }
        now = after;
        parallelism = next;
        List<Integer> entries = new ArrayList<>();
        List<Integer> split = new ArrayList<>();
        for (OwnState each : now.values()) {
          entries.addAll(numbers(each.entries()));
          split.addAll(numbers(state(each, Mode.SPLIT).elements()));
        }
        assertThat(entries.stream().sorted().toList()).isEqualTo(all);
        assertThat(split.stream().sorted().toList()).isEqualTo(all);
      }
    }
  }

  @Test
  void refusesDamagedBytes() {
    byte[] bytes = joined(own(List.of(1, 2, 3), List.of(10)));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> OwnState.read(List.of(cut)))
          .isInstanceOf(CorruptStateException.class);
    }
  }

  /** Neither writing nor reading needs an array for all of it. */
  @Test
  void goesIntoPartsOfAFewMegabytes() throws Exception {
    var elements = new ArrayList<byte[]>();
    for (int i = 0; i < 40; i++) {
      elements.add(new byte[500_000 + i]);
    }
    var own =
        new OwnState(
            elements,
            List.of(
                new OperatorState("none", Mode.UNION, "t", SHAPE, List.of()),
                new OperatorState("split", Mode.SPLIT, "t", SHAPE, elements),
                new OperatorState("other", Mode.SPLIT, "t", SHAPE, List.of(new byte[3]))));
    var parts = new ArrayList<byte[]>();
    own.parts().forEachRemaining(parts::add);

    assertThat(parts).hasSizeGreaterThan(8).allMatch(part -> part.length < 6 << 20);
    OwnState back = OwnState.read(parts);
    assertThat(lengths(back.entries())).isEqualTo(lengths(elements));
    assertThat(back.states())
        .extracting(OperatorState::name)
        .containsExactly("none", "split", "other");
    assertThat(lengths(back.states().get(1).elements())).isEqualTo(lengths(elements));
    assertThat(lengths(back.states().get(2).elements())).containsExactly(3);
    parts.remove(parts.size() - 1);
    assertThatThrownBy(() -> OwnState.read(parts)).isInstanceOf(CorruptStateException.class);
  }

  private static List<Integer> lengths(List<byte[]> elements) {
    return elements.stream().map(element -> element.length).toList();
  }

  private static byte[] joined(OwnState own) {
    var all = new ByteArrayOutputStream();
    own.parts().forEachRemaining(all::writeBytes);
    return all.toByteArray();
  }

  private static OwnState own(List<Integer> entries, List<Integer> union) {
    return own(entries, union, entries);
  }

  private static OwnState own(List<Integer> entries, List<Integer> union, List<Integer> split) {
    return new OwnState(
        bytes(entries),
        List.of(
            new OperatorState("split", Mode.SPLIT, "t", SHAPE, bytes(split)),
            new OperatorState("union", Mode.UNION, "t", SHAPE, bytes(union)),
            new OperatorState("broadcast", Mode.BROADCAST, "t", SHAPE, bytes(List.of(7)))));
  }

  private static OperatorState state(OwnState own, Mode mode) {
    return own.states().stream().filter(each -> each.mode() == mode).findFirst().orElseThrow();
  }

  private static List<byte[]> bytes(List<Integer> numbers) {
    return numbers.stream().map(n -> new byte[] {(byte) (n >> 8), (byte) (int) n}).toList();
  }

  private static List<Integer> numbers(List<byte[]> bytes) {
    return bytes.stream().map(b -> (b[0] & 255) << 8 | b[1] & 255).toList();
  }
}
