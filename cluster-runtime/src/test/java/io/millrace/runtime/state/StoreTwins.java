package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.plan.KeyGroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The same random life for two kinds of stores: whatever one of them answers, the other must answer
 * too. Lives consist of changes, reads, timers, freezes whose bytes are written later, and restarts
 * from such bytes with another number of subtasks, each store also from the other's bytes, and the
 * one of rows also from its files, of which it shares those that an earlier capture had.
 */
public final class StoreTwins {
  private static final int GROUPS = 12;
  private static final ClassLoader LOADER = StoreTwins.class.getClassLoader();
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class, 7L);
  private static final ValueStateDescriptor<int[]> CELLS =
      new ValueStateDescriptor<>("cells", int[].class);
  private static final ListStateDescriptor<String> LINES =
      new ListStateDescriptor<>("lines", String.class);
  private static final MapStateDescriptor<List<String>, Integer> TALLY =
      new MapStateDescriptor<>(
          "tally",
          TypeInformation.of(new TypeHint<List<String>>() {}),
          TypeInformation.of(Integer.class));

  private static final StateTtlConfig BRIEFLY =
      StateTtlConfig.newBuilder(Duration.ofMillis(300)).cleanupIncrementally(64).build();
  private static final StateTtlConfig WHILE_READ =
      StateTtlConfig.newBuilder(Duration.ofMillis(300)).updateTtlOnReadAndWrite().build();
  private static final ValueStateDescriptor<String> SEEN =
      new ValueStateDescriptor<>("seen", String.class);
  private static final ListStateDescriptor<String> LATELY =
      new ListStateDescriptor<>("lately", String.class);
  private static final MapStateDescriptor<String, Integer> RECENT =
      new MapStateDescriptor<>("recent", String.class, Integer.class);

  private static final MapStateDescriptor<String, Integer> USED =
      new MapStateDescriptor<>("used", String.class, Integer.class);
  private static final AggregatingStateDescriptor<String, String, Integer> JOINED =
      new AggregatingStateDescriptor<>("joined", new Joining(), String.class);

  /** Joins texts, and tells how long all of it is. */
  private static final class Joining implements AggregateFunction<String, String, Integer> {
    @Override
    public String createAccumulator() {
      return "";
    }

    @Override
    public String add(String value, String all) {
      return all + value;
    }

    @Override
    public Integer getResult(String all) {
      return all.length();
    }

    @Override
    public String merge(String left, String right) {
      return left + right;
    }
  }

  static {
    SEEN.enableTimeToLive(BRIEFLY);
    LATELY.enableTimeToLive(BRIEFLY);
    RECENT.enableTimeToLive(BRIEFLY);
    USED.enableTimeToLive(WHILE_READ);
    JOINED.enableTimeToLive(WHILE_READ);
  }

  private static final ReducingStateDescriptor<int[]> SUM =
      new ReducingStateDescriptor<>(
          "sum",
          (one, other) -> {
            one[0] += other[0];
            return one;
          },
          int[].class);

  private final Random random;
  private final Serializer<Object> keys;
  private final RowStateStore.RowsFactory rows;
  private final Supplier<StateFolder> folders;
  private final long cacheBytes;
  private final List<Subtask> subtasks = new ArrayList<>();
  private int steps;

  /** Both kinds of stores for one range of key groups. */
  private record Subtask(int first, int last, Handles heap, Handles rows) {}

  private record Handles(
      StateStore store,
      ValueState<Long> count,
      ValueState<int[]> cells,
      ListState<String> lines,
      MapState<List<String>, Integer> tally,
      ReducingState<int[]> sum,
      ValueState<String> seen,
      ListState<String> lately,
      MapState<String, Integer> recent,
      MapState<String, Integer> used,
      AggregatingState<String, Integer> joined) {
    static Handles of(StateStore store, List<byte[]> from) {
      from.forEach(store::restore);
      return of(store);
    }

    static Handles of(StateStore store) {
      return new Handles(
          store,
          store.value(COUNT),
          store.value(CELLS),
          store.list(LINES),
          store.map(TALLY),
          store.reducing(SUM),
          store.value(SEEN),
          store.list(LATELY),
          store.map(RECENT),
          store.map(USED),
          store.aggregating(JOINED));
    }
  }

  /**
   * @param cacheBytes of the stores of rows
   */
  @SuppressWarnings("unchecked")
  public StoreTwins(
      long seed, RowStateStore.RowsFactory rows, Supplier<StateFolder> folders, long cacheBytes) {
    this.random = new Random(seed);
    this.rows = rows;
    this.folders = folders;
    this.cacheBytes = cacheBytes;
    this.keys =
        (Serializer<Object>)
            (Serializer<?>) TypeInformation.of(new TypeHint<List<String>>() {}).serializer(LOADER);
    start(someSubtasks(), List.of(), List.of(), List.of());
  }

  /** Lives on for some steps; both must be equal all the time. */
  public void live(int moreSteps) {
    for (int i = 0; i < moreSteps; i++) {
      steps++;
      step();
    }
  }

  /** Few most of the time, as each costs a store of its own, but up to one for each key group. */
  private int someSubtasks() {
    return 1 + random.nextInt(random.nextInt(8) == 0 ? GROUPS : 3);
  }

  public void close() {
    for (Subtask subtask : subtasks) {
      subtask.rows.store.close();
    }
  }

  private void step() {
    Object key = key(random.nextInt(random.nextInt(4) == 0 ? 400 : 8));
    Subtask subtask = owner(key);
    subtask.heap.store.setCurrentKey(key);
    subtask.rows.store.setCurrentKey(key);
    for (int i = random.nextInt(4); i >= 0; i--) {
      touch(subtask);
    }
    switch (random.nextInt(300)) {
      case 0 -> restart();
      case 1 -> frozenAndForgotten();
      case 2 -> restartFromFiles();
      case 3, 4, 5 -> fire(subtask);
      default -> {}
    }
  }

  private void touch(Subtask subtask) {
    Handles heap = subtask.heap;
    Handles row = subtask.rows;
    heap.store.now(steps);
    row.store.now(steps);
    if (random.nextInt(4) == 0) {
      touchWhatExpires(heap, row);
    }
    List<String> entry = List.of("e" + random.nextInt(20));
    switch (random.nextInt(24)) {
      case 0 -> same(heap.count.value(), row.count.value());
      case 1, 2 -> {
        long value = random.nextLong();
        heap.count.update(value);
        row.count.update(value);
      }
      case 3 -> {
        heap.count.clear();
        row.count.clear();
      }
      case 4, 5 -> {
        int value = random.nextInt(1000);
        change(heap.cells, value);
        change(row.cells, value);
      }
      case 6 -> same(heap.cells.value(), row.cells.value());
      case 7, 8 -> {
        String line = "line" + steps;
        heap.lines.add(line);
        row.lines.add(line);
      }
      case 9 -> same(listed(heap.lines.get()), listed(row.lines.get()));
      case 10 -> {
        List<String> lines = random.nextBoolean() ? List.of() : List.of("a", "b" + steps);
        heap.lines.update(lines);
        row.lines.update(lines);
      }
      case 11, 12, 13 -> {
        Integer value = random.nextInt(10) == 0 ? null : (Integer) random.nextInt();
        var ours = new ArrayList<>(entry);
        var others = new LinkedList<>(entry);
        heap.tally.put(ours, value);
        row.tally.put(others, value);
        // Who has put a key may go on to use it for another.
        ours.add("changed");
        others.add("changed");
      }
      case 14 -> {
        var ours = new ArrayList<>(entry);
        heap.tally.remove(entry);
        row.tally.remove(ours);
        ours.add("changed");
      }
      case 15 -> {
        var ours = new ArrayList<>(entry);
        same(heap.tally.get(entry), row.tally.get(ours));
        ours.add("changed");
      }
      case 16 -> same(heap.tally.contains(entry), row.tally.contains(entry));
      case 17 -> same(entries(heap.tally), entries(row.tally));
      case 18 -> {
        same(heap.tally.isEmpty(), row.tally.isEmpty());
        same(listed(heap.tally.keys()), listed(row.tally.keys()));
        same(listed(heap.tally.values()), listed(row.tally.values()));
      }
      case 19 -> {
        if (random.nextInt(5) == 0) {
          heap.tally.clear();
          row.tally.clear();
        }
      }
      case 20 -> same(heap.sum.get(), row.sum.get());
      case 21 -> {
        int added = random.nextInt(100);
        try {
          heap.sum.add(new int[] {added});
          row.sum.add(new int[] {added});
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
      case 22 -> {
        long time = random.nextInt(200);
        TimerDomain domain = domain();
        heap.store.setTimer(domain, time);
        row.store.setTimer(domain, time);
      }
      default -> {
        long time = random.nextInt(200);
        TimerDomain domain = domain();
        heap.store.deleteTimer(domain, time);
        row.store.deleteTimer(domain, time);
      }
    }
    for (TimerDomain each : TimerDomain.values()) {
      same(heap.store.earliestTimer(each), row.store.earliestTimer(each));
    }
  }

  private void touchWhatExpires(Handles heap, Handles row) {
    String entry = "e" + random.nextInt(5);
    switch (random.nextInt(13)) {
      case 0 -> same(heap.seen.value(), row.seen.value());
      case 1 -> {
        heap.seen.update(entry);
        row.seen.update(entry);
      }
      case 2 -> same(listed(heap.lately.get()), listed(row.lately.get()));
      case 3 -> {
        heap.lately.add(entry);
        row.lately.add(entry);
      }
      case 4 -> same(heap.recent.get(entry), row.recent.get(entry));
      case 5 -> {
        heap.recent.remove(entry);
        row.recent.remove(entry);
      }
      case 6 -> {
        heap.recent.put(entry, steps);
        row.recent.put(entry, steps);
      }
      case 7 -> same(heap.used.get(entry), row.used.get(entry));
      case 8 -> same(heap.used.contains(entry), row.used.contains(entry));
      case 9 -> {
        heap.used.put(entry, steps);
        row.used.put(entry, steps);
      }
      case 10 -> same(heap.joined.get(), row.joined.get());
      case 11 -> {
        heap.joined.add(entry);
        row.joined.add(entry);
      }
      default -> {
        same(listed(heap.recent.keys()), listed(row.recent.keys()));
        same(heap.recent.isEmpty(), row.recent.isEmpty());
      }
    }
  }

  private TimerDomain domain() {
    return random.nextInt(4) == 0 ? TimerDomain.PROCESSING_TIME : TimerDomain.EVENT_TIME;
  }

  private static void change(ValueState<int[]> cells, int value) {
    int[] mine = cells.value() == null ? new int[2] : cells.value();
    mine[1] = mine[0];
    mine[0] = value;
    cells.update(mine);
  }

  /** Timers of the same time have no common order. */
  private void fire(Subtask subtask) {
    TimerDomain domain = domain();
    long upTo = random.nextInt(200);
    KeyGroupRange groups = random.nextBoolean() ? null : someGroups();
    same(
        fired(subtask.heap.store, domain, upTo, groups),
        fired(subtask.rows.store, domain, upTo, groups));
  }

  private KeyGroupRange someGroups() {
    int first = random.nextInt(GROUPS);
    return new KeyGroupRange(first, first + random.nextInt(GROUPS - first));
  }

  /**
   * @param groups of which timers fire, {@code null} for all
   */
  private static TreeSet<String> fired(
      StateStore store, TimerDomain domain, long upTo, KeyGroupRange groups) {
    var fired = new TreeSet<String>();
    long last = Long.MIN_VALUE;
    while (groups == null ? store.fireNext(domain, upTo) : store.fireNext(domain, upTo, groups)) {
      assertThat(groups == null || groups.contains(store.currentKeyGroup())).isTrue();
      assertThat(store.firedTime()).isBetween(last, upTo);
      last = store.firedTime();
      assertThat(fired.add(last + " " + store.currentKey())).isTrue();
    }
    return fired;
  }

  /** The store of rows restarts from its files, the other one from what it wrote. */
  private void restartFromFiles() {
    boolean late = random.nextBoolean();
    var heap = new ArrayList<FrozenState>();
    var row = new ArrayList<FrozenState>();
    for (Subtask subtask : subtasks) {
      heap.add(subtask.heap.store.freeze());
      row.add(subtask.rows.store.capture());
    }
    if (late) {
      for (int left = random.nextInt(50); left > 0; left--) {
        steps++;
        Object key = key(random.nextInt(400));
        Subtask subtask = owner(key);
        subtask.heap.store.setCurrentKey(key);
        subtask.rows.store.setCurrentKey(key);
        touch(subtask);
      }
    }
    close();
    start(
        someSubtasks(),
        heap.stream().map(FrozenState::write).toList(),
        List.of(),
        row.stream().map(frozen -> frozen.captured().orElseThrow()).toList());
    row.forEach(FrozenState::discard);
  }

  /** Each subtask has copies of its own, as if they had been far away meanwhile. */
  private List<CapturedRows> fetched(List<CapturedRows> captured, int first, int last) {
    var copies = new ArrayList<CapturedRows>();
    for (CapturedRows each : captured) {
      RowHead head = RowHead.read(each.head());
      if (head.firstGroup() <= last && first < head.firstGroup() + head.groupCount()) {
        try {
          StateFolder copy = folders.get();
          for (StateFolder.File file : each.folder().files()) {
            each.folder().verify(file.name());
            byte[] bytes = each.folder().read(file.name(), 0, (int) file.length());
            copy.write(file.name(), List.of(bytes));
          }
          copies.add(new CapturedRows(each.head(), copy));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return copies;
  }

  /** Restarts from what is frozen now, or was frozen and then changed, with other subtasks. */
  private void restart() {
    var heap = new ArrayList<byte[]>();
    var row = new ArrayList<byte[]>();
    var heapFrozen = new ArrayList<FrozenState>();
    var rowFrozen = new ArrayList<FrozenState>();
    for (Subtask subtask : subtasks) {
      heapFrozen.add(subtask.heap.store.freeze());
      rowFrozen.add(subtask.rows.store.freeze());
    }
    boolean crossed = random.nextBoolean();
    boolean late = random.nextBoolean();
    if (late) {
      live(random.nextInt(50));
    }
    if (heapFrozen.size() != subtasks.size() || random.nextInt(4) == 0) {
      // Closed first: what is frozen must not need the store.
      close();
    }
    heapFrozen.forEach(frozen -> heap.add(frozen.write()));
    rowFrozen.forEach(frozen -> row.add(frozen.write()));
    close();
    start(someSubtasks(), crossed ? row : heap, crossed ? heap : row, List.of());
  }

  private void frozenAndForgotten() {
    for (Subtask subtask : subtasks) {
      subtask.heap.store.freeze().discard();
      FrozenState frozen =
          random.nextBoolean() ? subtask.rows.store.freeze() : subtask.rows.store.capture();
      frozen.discard();
      frozen.discard();
    }
  }

  /** Most programs ask for all their states at once, but some ask for none before they restart. */
  private void start(
      int parallelism, List<byte[]> heap, List<byte[]> row, List<CapturedRows> captured) {
    if (random.nextInt(3) == 0) {
      startAndAskForNothing(someSubtasks(), parallelism, heap, row, captured);
      return;
    }
    subtasks.clear();
    for (int i = 0; i < parallelism; i++) {
      int first = KeyGroups.firstOf(i, parallelism, GROUPS);
      int last = KeyGroups.firstOf(i + 1, parallelism, GROUPS) - 1;
      subtasks.add(
          new Subtask(
              first,
              last,
              Handles.of(HeapStateStore.create(keys, first, last, GROUPS, LOADER), heap),
              Handles.of(opened(first, last, captured), row)));
    }
  }

  private void startAndAskForNothing(
      int parallelism, int next, List<byte[]> heap, List<byte[]> row, List<CapturedRows> captured) {
    boolean files = random.nextBoolean();
    boolean crossed = !files && random.nextBoolean();
    var heapFrozen = new ArrayList<byte[]>();
    var rowFrozen = new ArrayList<FrozenState>();
    for (int i = 0; i < parallelism; i++) {
      int first = KeyGroups.firstOf(i, parallelism, GROUPS);
      int last = KeyGroups.firstOf(i + 1, parallelism, GROUPS) - 1;
      StateStore idle = HeapStateStore.create(keys, first, last, GROUPS, LOADER);
      heap.forEach(idle::restore);
      heapFrozen.add(idle.freeze().write());
      StateStore idleRows = opened(first, last, captured);
      row.forEach(idleRows::restore);
      rowFrozen.add(files ? idleRows.capture() : idleRows.freeze());
      idleRows.close();
    }
    if (files) {
      start(
          next,
          heapFrozen,
          List.of(),
          rowFrozen.stream().map(frozen -> frozen.captured().orElseThrow()).toList());
    } else {
      List<byte[]> rowWritten = rowFrozen.stream().map(FrozenState::write).toList();
      start(next, crossed ? rowWritten : heapFrozen, crossed ? heapFrozen : rowWritten, List.of());
    }
    rowFrozen.forEach(FrozenState::discard);
  }

  private StateStore opened(int first, int last, List<CapturedRows> captured) {
    return RowStateStore.open(
        keys, first, last, GROUPS, LOADER, rows, cacheBytes, fetched(captured, first, last));
  }

  private Subtask owner(Object key) {
    int group = KeyGroups.groupOf(keys.hash(key), GROUPS);
    return subtasks.stream()
        .filter(subtask -> group >= subtask.first && group <= subtask.last)
        .findFirst()
        .orElseThrow();
  }

  /** The same list in various shapes: equal keys are one key, however they are made. */
  private List<String> key(int number) {
    List<String> key = List.of("k" + number);
    return switch (random.nextInt(3)) {
      case 0 -> key;
      case 1 -> new ArrayList<>(key);
      default -> new LinkedList<>(key);
    };
  }

  private static List<String> entries(MapState<List<String>, Integer> map) {
    var entries = new ArrayList<String>();
    for (Map.Entry<List<String>, Integer> entry : map.entries()) {
      entries.add(entry.getKey() + "=" + entry.getValue());
    }
    return entries;
  }

  private static <T> List<T> listed(Iterable<T> values) {
    var list = new ArrayList<T>();
    values.forEach(list::add);
    return list;
  }

  private void same(Object heap, Object row) {
    if (heap instanceof int[] expected) {
      assertThat((int[]) row).as("at step " + steps).containsExactly(expected);
    } else {
      assertThat(row).as("at step " + steps).isEqualTo(heap);
    }
  }
}
