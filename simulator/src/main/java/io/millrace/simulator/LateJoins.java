package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.simulator.RandomJob.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Two streams in event time, some of whose items are late, as pairs or groups of their items. An
 * item is of one side or the other, so that its id says which. What is expected of pairs {@link
 * Meetings} knows, and of groups {@link Fates}.
 */
final class LateJoins {
  private static final String HOLDS = " holds ";
  private static final OutputTag<Item> LATE_LEFT = new OutputTag<>("late left") {};
  private static final OutputTag<Item> LATE_RIGHT = new OutputTag<>("late right") {};

  static boolean isLeft(long number) {
    return RandomJob.mix(7 * number + 3) % 2 == 0;
  }

  static DataStream<String> of(
      SplittableRandom chance, DataStream<Item> some, DataStream<Item> others, Disorder disorder) {
    DataStream<Item> left = some.filter(item -> isLeft(item.number()));
    DataStream<Item> right = others.filter(item -> !isLeft(item.number()));
    Optional<Punctuality> punctuality = Punctuality.of(disorder);
    DataStream<String> lines =
        switch (chance.nextInt(4)) {
          case 0 -> pairsInWindows(chance, left, right, punctuality);
          case 1 -> groups(chance, left, right, punctuality);
          default -> pairs(chance, left, right, punctuality);
        };
    // It might meet nobody.
    return lines.union(some.filter(item -> item.number() < 0).map(item -> "wrong: " + item));
  }

  private static DataStream<String> pairs(
      SplittableRandom chance,
      DataStream<Item> left,
      DataStream<Item> right,
      Optional<Punctuality> punctuality) {
    long lower = chance.nextInt(60) - 40;
    long upper = lower + 1 + chance.nextInt(40);
    boolean told = chance.nextInt(4) != 0;
    var joined =
        left.keyBy(Item::key)
            .intervalJoin(right.keyBy(Item::key))
            .between(Duration.ofMillis(lower), Duration.ofMillis(upper));
    if (told) {
      joined.sideOutputLeftLateData(LATE_LEFT).sideOutputRightLateData(LATE_RIGHT);
    }
    var lines = joined.process(new Near());
    lines.name(new Meetings.Within(lower, upper, told).name() + Punctuality.name(punctuality));
    return told
        ? lines.union(
            lines.getSideOutput(LATE_LEFT).map(ItemLines::late),
            lines.getSideOutput(LATE_RIGHT).map(ItemLines::late))
        : lines;
  }

  private static DataStream<String> pairsInWindows(
      SplittableRandom chance,
      DataStream<Item> left,
      DataStream<Item> right,
      Optional<Punctuality> punctuality) {
    PlainWindows windows = windows(chance, 12);
    return inWindows(
        left.join(right)
            .where(Item::key)
            .equalTo(Item::key)
            .window(windows.assigner())
            .allowedLateness(Duration.ofMillis(windows.lateness()))
            .apply(
                (one, other) -> one.key() + HOLDS + ItemLines.id(one) + " " + ItemLines.id(other))
            .returns(String.class),
        windows.pairsName() + Punctuality.name(punctuality),
        windows.size());
  }

  private static DataStream<String> groups(
      SplittableRandom chance,
      DataStream<Item> left,
      DataStream<Item> right,
      Optional<Punctuality> punctuality) {
    PlainWindows windows = windows(chance, 50);
    return inWindows(
        left.coGroup(right)
            .where(Item::key)
            .equalTo(Item::key)
            .window(windows.assigner())
            .allowedLateness(Duration.ofMillis(windows.lateness()))
            .apply(LateJoins::group)
            .returns(String.class),
        windows.name() + Punctuality.name(punctuality),
        windows.size());
  }

  private static PlainWindows windows(SplittableRandom chance, int most) {
    int size = 1 + chance.nextInt(most);
    int slide = chance.nextBoolean() ? size : 1 + size / 3 + chance.nextInt(size);
    int lateness = chance.nextBoolean() ? 0 : chance.nextInt(30);
    return new PlainWindows(PlainWindows.Kind.LATE, size, slide, 0, lateness, false);
  }

  private static DataStream<String> inWindows(
      SingleOutputStreamOperator<String> joined, String name, long size) {
    return joined.name(name).process(new NameWindow(size));
  }

  private static void group(Iterable<Item> left, Iterable<Item> right, Collector<String> out) {
    var ids = new ArrayList<String>();
    int key = 0;
    for (Item item : left) {
      key = item.key();
      ids.add(isLeft(item.number()) ? ItemLines.id(item) : "wrong side " + item);
    }
    for (Item item : right) {
      key = item.key();
      ids.add(!isLeft(item.number()) ? ItemLines.id(item) : "wrong side " + item);
    }
    out.collect(key + HOLDS + String.join(" ", ids.stream().sorted().toList()));
  }

  /** A join is not told its window, but what it emits has the last time of that. */
  private static final class NameWindow extends ProcessFunction<String, String> {
    private final long size;

    NameWindow(long size) {
      this.size = size;
    }

    @Override
    public void processElement(String line, Context context, Collector<String> out) {
      int at = line.indexOf(HOLDS);
      if (at < 0) {
        out.collect(line); // what the oracle says of an item
        return;
      }
      long end = context.timestamp() + 1;
      List<String> ids = List.of(line.substring(at + HOLDS.length()).split(" "));
      out.collect(ItemLines.window(Integer.parseInt(line.substring(0, at)), end - size, end, ids));
    }
  }

  private static final class Near extends ProcessJoinFunction<Item, Item, String> {
    @Override
    public void processElement(Item left, Item right, Context context, Collector<String> out) {
      long apart = context.getRightTimestamp() - context.getLeftTimestamp();
      out.collect(Meetings.pair(left, right, apart));
    }
  }

  private LateJoins() {}
}
