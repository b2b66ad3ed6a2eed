package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import io.millrace.simulator.RandomJob.Item;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Two streams in event time, of which nothing is ever late, as pairs or groups of their items. */
final class Joins {
  /** Of each stream one in so many takes part, so that pairs do not make lives longer. */
  private static final int EACH = 3;

  static DataStream<String> of(
      SplittableRandom chance, DataStream<Item> some, DataStream<Item> others) {
    DataStream<Item> one = some.filter(item -> RandomJob.mix(item.number()) % EACH != 0);
    DataStream<Item> other = others.filter(item -> RandomJob.mix(~item.number()) % EACH == 0);
    return switch (chance.nextInt(4)) {
      case 0 ->
          named(
              one.join(other)
                  .where(Item::key)
                  .equalTo(Item::key)
                  .window(windows(chance))
                  .apply(Joins::pair));
      case 1 ->
          named(
              one.coGroup(other)
                  .where(Item::key)
                  .equalTo(Item::key)
                  .window(windows(chance))
                  .apply(Joins::group));
      default -> {
        int lower = chance.nextInt(20) - 10;
        int upper = lower + 1 + chance.nextInt(12);
        var joined =
            one.keyBy(Item::key)
                .intervalJoin(other.keyBy(Item::key))
                .between(Duration.ofMillis(lower), Duration.ofMillis(upper));
        if (chance.nextInt(3) == 0) {
          joined.lowerBoundExclusive();
        }
        yield named(joined.process(new Near()));
      }
    };
  }

  private static DataStream<String> named(SingleOutputStreamOperator<String> joined) {
    return joined.name(PlainWindows.EVENT_TIME + "join");
  }

  private static WindowAssigner<Object, TimeWindow> windows(SplittableRandom chance) {
    int size = 1 + chance.nextInt(10);
    return chance.nextBoolean()
        ? TumblingEventTimeWindows.of(Duration.ofMillis(size))
        : SlidingEventTimeWindows.of(
            Duration.ofMillis(size), Duration.ofMillis(1 + chance.nextInt(size)));
  }

  private static String pair(Item one, Item other) {
    return one.key() + " pairs " + ItemLines.id(one) + " with " + ItemLines.id(other);
  }

  private static void group(Iterable<Item> some, Iterable<Item> others, Collector<String> out) {
    out.collect("group of " + ids(some) + " and " + ids(others));
  }

  private static List<String> ids(Iterable<Item> items) {
    var ids = new ArrayList<String>();
    items.forEach(item -> ids.add(item.key() + ":" + ItemLines.id(item)));
    ids.sort(null);
    return ids;
  }

  private static final class Near extends ProcessJoinFunction<Item, Item, String> {
    @Override
    public void processElement(Item one, Item other, Context context, Collector<String> out) {
      long apart = context.getRightTimestamp() - context.getLeftTimestamp();
      out.collect(pair(one, other) + " " + apart + " later");
    }
  }

  private Joins() {}
}
