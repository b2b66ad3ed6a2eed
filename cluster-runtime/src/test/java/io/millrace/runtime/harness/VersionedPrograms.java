package io.millrace.runtime.harness;

/** Sources of a program whose types have changed from one version to the next. */
final class VersionedPrograms {
  /** Types of which fields come, go, move, widen and are renamed. */
  static final String FIRST_EVENT =
      """
      import io.millrace.api.tuple.Tuple2;
      import java.util.*;

      public record Event(
          long id, int amount, String junk, Side side, List<Line> lines, Map<String, Line> named,
          Optional<Line> best, Tuple2<Line, Integer> pair, Line[] all, int[] numbers, Shape shape) {
        public enum Side { BUY, SELL }
        public record Line(int a, int b) {}
        public record Key(int a, int b) {}
        public sealed interface Shape { record Circle(int r) implements Shape {}
          record Box(int w, int h) implements Shape {} }

        public static Event of(long id) {
          int n = (int) id;
          var line = new Line(n, n + 1);
          return new Event(id, n, "junk", id % 2 == 0 ? Side.BUY : Side.SELL, List.of(line, line),
              Map.of("x", line), Optional.of(line), Tuple2.of(line, n), new Line[] {line},
              new int[] {n}, id % 2 == 0 ? new Shape.Circle(n) : new Shape.Box(n, n));
        }

        public Event plus(Event o) {
          if (o.id < id) { return o.plus(this); }
          Event last = all[0].a() < o.all[0].a() ? o : this;
          return new Event(id, amount + o.amount, junk, side, last.lines, named, best, pair,
              last.all, numbers, shape);
        }

        public static Key key(long id) { return new Key((int) id, 7); }
        public static String text(Key key) { return key.a() + "/" + key.b(); }
        private static String text(Line l) { return l.a() + "/" + l.b(); }

        public String text() {
          return id + " " + amount + " " + side + " " + text(lines.get(1)) + " "
              + text(named.get("x")) + " " + text(best.get()) + " " + text(pair.f0) + " " + pair.f1
              + " " + text(all[0]) + " " + numbers[0] + " "
              + (shape instanceof Shape.Box b ? "box " + b.w() : "circle");
        }
      }
      """;

  static final String SECOND_EVENT =
      """
      import io.millrace.api.tuple.Tuple2;
      import java.util.*;

      public record Event(
          Shape shape, String note, Tuple2<Line, Long> pair, Optional<Line> best, double added,
          Map<String, Line> named, List<Line> lines, Side side, long amount, Long id, Line[] all,
          long[] numbers) {
        public enum Side { NONE, SELL, BUY }
        public record Line(long b, String extra, int a) {}
        public record Key(int b, String more, int a) {}
        public sealed interface Shape { record None() implements Shape {}
          record Box(int h, String name, long w) implements Shape {}
          record Circle(int r) implements Shape {} }

        public static Event of(long id) {
          var line = new Line(id + 1, "e", (int) id);
          return new Event(id % 2 == 0 ? new Shape.Circle((int) id) : new Shape.Box(1, "n", id),
              "new", Tuple2.of(line, id), Optional.of(line), 1.5, Map.of("x", line),
              List.of(line, line), id % 2 == 0 ? Side.BUY : Side.SELL, id, id, new Line[] {line},
              new long[] {id});
        }

        public Event plus(Event o) {
          if (o.id < id) { return o.plus(this); }
          Event last = all[0].a() < o.all[0].a() ? o : this;
          return new Event(shape, note, pair, best, added, named, last.lines, side,
              amount + o.amount, id, last.all, numbers);
        }

        public static Key key(long id) { return new Key(7, null, (int) id); }
        public static String text(Key key) { return key.a() + "/" + key.b(); }
        private static String text(Line l) { return l.a() + "/" + l.b(); }

        public String text() {
          return id + " " + amount + " " + side + " " + text(lines.get(1)) + " "
              + text(named.get("x")) + " " + text(best.get()) + " " + text(pair.f0) + " " + pair.f1
              + " " + text(all[0]) + " " + numbers[0] + " "
              + (shape instanceof Shape.Box b ? "box " + b.w() : "circle");
        }
      }
      """;

  /** Every place that keeps a user's type. */
  static final String PLACES =
      """
      import io.millrace.api.*;
      import io.millrace.api.function.*;
      import io.millrace.api.state.*;
      import io.millrace.api.type.*;
      import io.millrace.api.window.*;
      import java.time.Duration;
      import java.util.*;
      import java.util.concurrent.TimeUnit;
      import java.util.function.Supplier;

      public class Places {
        private static final Duration SIZE = Duration.ofMillis(100);
        public static boolean silent;

        public static DataStream<String> of(
            String place, DataStream<Long> numbers, Supplier<DataStream<Long>> others) {
          var events = numbers.map(Event::of).returns(Event.class).uid("events").disableChaining();
          var keyed = events.keyBy(e -> e.id() % 4);
          return switch (place) {
            case "states" -> keyed.process(new States(false)).uid("it");
            case "untyped keys" ->
                events.keyBy(e -> (Object) Event.key(e.id() % 4)).process(new Counts()).uid("it");
            case "expiring" -> keyed.process(new States(true)).uid("it");
            case "running reduce" ->
                keyed.reduce(Event::plus).uid("it").map(Event::text).uid("text");
            case "tumbling reduce" ->
                reduced(keyed.window(tumbling(100)));
            case "sliding aggregate" ->
                keyed.window(SlidingEventTimeWindows.of(SIZE, Duration.ofMillis(30)))
                    .aggregate(new Gather()).uid("it");
            case "flat aggregate" ->
                keyed.window(TumblingEventTimeWindows.of(SIZE)).aggregate(new Flat()).uid("it");
            case "flat sessions" ->
                keyed.window(EventTimeSessionWindows.withGap(SIZE)).aggregate(new Flat()).uid("it");
            case "all together" ->
                events.windowAll(TumblingEventTimeWindows.of(SIZE)).reduce(Event::plus).uid("it")
                    .map(Event::text).uid("text");
            case "tumbling shorter" -> reduced(keyed.window(tumbling(40)));
            case "tumbling moved" ->
                reduced(keyed.window(TumblingEventTimeWindows.of(SIZE, Duration.ofMillis(50))));
            case "tumbling late" -> reduced(keyed.window(tumbling(100)).allowedLateness(SIZE));
            case "tumbling triggered" ->
                reduced(
                    keyed.window(tumbling(100)).trigger(PurgingTrigger.of(EventTimeTrigger.create())));
            case "sliding reduce" ->
                reduced(
                    keyed.window(SlidingEventTimeWindows.of(SIZE, Duration.ofMillis(50))));
            case "list windows of another size" ->
                keyed.window(tumbling(40)).process(new Prints()).uid("it");
            case "list windows" ->
                keyed.window(TumblingEventTimeWindows.of(SIZE)).process(new Prints()).uid("it");
            case "evictor" ->
                keyed.window(TumblingEventTimeWindows.of(SIZE)).evictor(CountEvictor.of(2))
                    .process(new Prints()).uid("it");
            case "evictor reduce" ->
                keyed.window(TumblingEventTimeWindows.of(SIZE)).evictor(CountEvictor.of(2))
                    .reduce(Event::plus).uid("it").map(Event::text).uid("text");
            case "session reduce" ->
                keyed.window(EventTimeSessionWindows.withGap(SIZE)).reduce(Event::plus).uid("it")
                    .map(Event::text).uid("text");
            case "session process" ->
                keyed.window(EventTimeSessionWindows.withGap(SIZE)).process(new Prints()).uid("it");
            case "count windows" ->
                keyed.countWindow(3).process(new CountPrints()).uid("it");
            case "trigger" ->
                keyed.window(GlobalWindows.create()).trigger(new Picky()).reduce(Event::plus)
                    .uid("it").map(Event::text).uid("text");
            case "window state" ->
                keyed.window(TumblingEventTimeWindows.of(SIZE))
                    .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(10)))
                    .process(new Keeps()).uid("it");
            case "window join" ->
                events.join(others.get().map(Event::of).returns(Event.class).uid("others"))
                    .where(e -> e.id() % 4).equalTo(e -> e.id() % 4)
                    .window(TumblingEventTimeWindows.of(SIZE))
                    .apply((a, b) -> a.text() + " + " + b.text()).returns(String.class).uid("it");
            case "coGroup" ->
                events.coGroup(others.get().map(Event::of).returns(Event.class).uid("others"))
                    .where(e -> e.id() % 4).equalTo(e -> e.id() % 4)
                    .window(TumblingEventTimeWindows.of(SIZE))
                    .apply((Iterable<Event> a, Iterable<Event> b, Collector<String> out) -> {
                      a.forEach(e -> out.collect("a " + e.text()));
                      b.forEach(e -> out.collect("b " + e.text()));
                    }).returns(String.class).uid("it");
            case "interval join" ->
                keyed.intervalJoin(
                    others.get().map(Event::of).returns(Event.class).uid("others")
                        .keyBy(e -> e.id() % 4))
                    .between(SIZE.negated(), SIZE)
                    .process(new Pairs()).uid("it");
            case "own lists" -> events.process(new Lists()).uid("it").setParallelism(1);
            case "broadcast" ->
                keyed.connect(others.get().map(Event::of).returns(Event.class).uid("others")
                        .broadcast(Rules.RULES))
                    .process(new Rules()).uid("it");
            case "async" ->
                AsyncDataStream.orderedWait(events, new Asks(), 1, TimeUnit.HOURS, 1000).uid("it");
            case "in flight" -> keyed.process(new Passes()).uid("it");
            case "in flight unkeyed" ->
                events.rebalance().map(Event::text).uid("it").disableChaining();
            case "untyped" ->
                numbers.map(n -> (Object) Event.of(n)).uid("objects")
                    .keyBy(e -> ((Event) e).id() % 4)
                    .reduce((a, b) -> ((Event) a).plus((Event) b)).uid("it")
                    .map(e -> ((Event) e).text()).uid("text");
            case "untyped windows" ->
                numbers.map(n -> (Object) Event.of(n)).uid("objects")
                    .keyBy(e -> ((Event) e).id() % 4)
                    .window(TumblingEventTimeWindows.of(SIZE))
                    .reduce((a, b) -> ((Event) a).plus((Event) b)).uid("it")
                    .map(e -> ((Event) e).text()).uid("text");
            default -> throw new IllegalArgumentException(place);
          };
        }

        private static TumblingEventTimeWindows tumbling(int millis) {
          return TumblingEventTimeWindows.of(Duration.ofMillis(millis));
        }

        private static DataStream<String> reduced(
            WindowedStream<Event, Long, TimeWindow> windows) {
          return windows.reduce(Event::plus).uid("it").map(Event::text).uid("text");
        }

        public static class Passes extends KeyedProcessFunction<Long, Event, String> {
          @Override
          public void processElement(Event e, Context context, Collector<String> out) {
            out.collect(e.text());
          }
        }

        public static class Counts extends KeyedProcessFunction<Object, Event, String> {
          private transient ValueState<Long> count;

          @Override
          public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
          }

          @Override
          public void processElement(Event e, Context context, Collector<String> out)
              throws Exception {
            count.update(count.value() == null ? 1L : count.value() + 1);
            out.collect(Event.text((Event.Key) context.getCurrentKey()) + " " + count.value());
          }
        }

        public static class States extends KeyedProcessFunction<Long, Event, String> {
          private final boolean expiring;
          private transient ValueState<Event> value;
          private transient ListState<Event> list;
          private transient MapState<Event.Key, Event> map;
          private transient ReducingState<Event> reducing;
          private transient AggregatingState<Event, String> aggregating;

          States(boolean expiring) { this.expiring = expiring; }

          private <D extends StateDescriptor> D ttl(D descriptor) {
            if (expiring) {
              descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofDays(1)).build());
            }
            return descriptor;
          }

          @Override
          public void open(OpenContext context) {
            var of = getRuntimeContext();
            value = of.getState(ttl(new ValueStateDescriptor<>("value", Event.class)));
            list = of.getListState(ttl(new ListStateDescriptor<>("list", Event.class)));
            map = of.getMapState(ttl(new MapStateDescriptor<>("map", Event.Key.class, Event.class)));
            reducing =
                of.getReducingState(
                    ttl(new ReducingStateDescriptor<>("reducing", Event::plus, Event.class)));
            aggregating =
                of.getAggregatingState(
                    ttl(new AggregatingStateDescriptor<>("aggregating", new Gather(), Gather.Acc.class)));
          }

          @Override
          public void processElement(Event e, Context context, Collector<String> out)
              throws Exception {
            value.update(value.value() == null ? e : value.value().plus(e));
            list.add(e);
            map.put(Event.key(e.id()), e);
            reducing.add(e);
            aggregating.add(e);
            context.timerService().registerEventTimeTimer(100_000);
          }

          @Override
          public void onTimer(long time, OnTimerContext context, Collector<String> out)
              throws Exception {
            out.collect("value " + value.value().text());
            for (Event e : list.get()) {
              out.collect("list " + e.text());
            }
            for (var e : map.entries()) {
              out.collect("map " + Event.text(e.getKey()) + " " + e.getValue().text());
            }
            for (long i = 0; i < 20; i++) {
              if (map.contains(Event.key(i))) {
                out.collect("found " + i + map.get(Event.key(i)).text());
              }
            }
            out.collect("reducing " + reducing.get().text());
            out.collect("aggregating " + aggregating.get());
          }
        }

        public static class Gather implements AggregateFunction<Event, Gather.Acc, String> {
          public static class Acc {
            public List<Event> events = new ArrayList<>();
            public COUNT count;
          }
          @Override public Acc createAccumulator() { return new Acc(); }
          @Override public Acc add(Event e, Acc acc) { acc.events.add(e); acc.count++; return acc; }
          @Override public Acc merge(Acc a, Acc b) {
            a.events.addAll(b.events); a.count += b.count; return a;
          }
          @Override public String getResult(Acc acc) {
            var texts = new ArrayList<String>();
            acc.events.forEach(e -> texts.add(e.text()));
            Collections.sort(texts);
            return acc.count + " " + texts;
          }
        }

        public static class Flat implements AggregateFunction<Event, BOX, String> {
          @Override public BOX createAccumulator() { return (BOX) (COUNT) 0; }
          @Override public BOX add(Event e, BOX acc) { return (BOX) (COUNT) (acc + e.id()); }
          @Override public BOX merge(BOX a, BOX b) { return (BOX) (COUNT) (a + b); }
          @Override public String getResult(BOX acc) { return "" + acc; }
        }

        public static class Prints
            extends ProcessWindowFunction<Event, String, Long, TimeWindow> {
          @Override
          public void process(Long key, Context context, Iterable<Event> all, Collector<String> out) {
            all.forEach(e -> out.collect(context.window() + " " + e.text()));
          }
        }

        public static class CountPrints
            extends ProcessWindowFunction<Event, String, Long, GlobalWindow> {
          @Override
          public void process(Long key, Context context, Iterable<Event> all, Collector<String> out) {
            all.forEach(e -> out.collect(key + " " + e.text()));
          }
        }

        public static class Keeps extends ProcessWindowFunction<Event, String, Long, TimeWindow> {
          @Override
          public void process(Long key, Context context, Iterable<Event> all, Collector<String> out)
              throws Exception {
            var list =
                context.windowState().getListState(new ListStateDescriptor<>("seen", Event.class));
            var ever =
                context.globalState().getState(new ValueStateDescriptor<>("ever", Event.class));
            for (Event e : all) {
              list.add(e);
              ever.update(ever.value() == null ? e : ever.value().plus(e));
            }
            for (Event e : list.get()) {
              out.collect("seen " + e.text());
            }
            out.collect("ever " + ever.value().text());
          }
        }

        public static class Picky extends Trigger<Event, GlobalWindow> {
          private static final ReducingStateDescriptor<Event> SUM =
              new ReducingStateDescriptor<>("sum", Event::plus, Event.class);
          @Override public TriggerResult onElement(Event e, long t, GlobalWindow w, TriggerContext c)
              throws Exception {
            var sum = c.getPartitionedState(SUM);
            sum.add(e);
            return sum.get().text().contains("3") ? TriggerResult.FIRE : TriggerResult.CONTINUE;
          }
          @Override public TriggerResult onEventTime(long t, GlobalWindow w, TriggerContext c) {
            return TriggerResult.CONTINUE;
          }
          @Override public TriggerResult onProcessingTime(long t, GlobalWindow w, TriggerContext c) {
            return TriggerResult.CONTINUE;
          }
          @Override public void clear(GlobalWindow w, TriggerContext c) {}
        }

        public static class Pairs extends ProcessJoinFunction<Event, Event, String> {
          @Override
          public void processElement(Event a, Event b, Context context, Collector<String> out) {
            out.collect(a.text() + " + " + b.text());
          }
        }

        public static class Lists extends ProcessFunction<Event, String>
            implements CheckpointedFunction {
          private transient ListState<Event> split;
          private transient ListState<Event> union;
          private transient BroadcastState<Event.Key, Event> all;

          @Override
          public void initializeState(FunctionInitializationContext context) throws Exception {
            var own = context.getOperatorStateStore();
            split = own.getListState(new ListStateDescriptor<>("split", Event.class));
            union = own.getUnionListState(new ListStateDescriptor<>("union", Event.class));
            all = own.getBroadcastState(
                new MapStateDescriptor<>("all", Event.Key.class, Event.class));
          }

          @Override public void snapshotState(FunctionSnapshotContext context) {}

          @Override
          public void processElement(Event e, Context context, Collector<String> out)
              throws Exception {
            split.add(e);
            union.add(e);
            all.put(Event.key(e.id()), e);
            if (e.id() == 19) {
              split.get().forEach(each -> out.collect("split " + each.text()));
              union.get().forEach(each -> out.collect("union " + each.text()));
              all.entries().forEach(
                  each -> out.collect(Event.text(each.getKey()) + " " + each.getValue().text()));
              out.collect("one " + all.get(Event.key(3)).text());
            }
          }
        }

        public static class Rules
            extends KeyedBroadcastProcessFunction<Long, Event, Event, String> {
          static final MapStateDescriptor<Event.Key, Event> RULES =
              new MapStateDescriptor<>("rules", Event.Key.class, Event.class);

          @Override
          public void processElement(Event e, ReadOnlyContext context, Collector<String> out)
              throws Exception {
            if (e.id() > 15) {
              for (var each : context.getBroadcastState(RULES).immutableEntries()) {
                out.collect(e.id() + " " + Event.text(each.getKey()) + " " + each.getValue().text());
              }
            }
          }

          @Override
          public void processBroadcastElement(Event e, Context context, Collector<String> out)
              throws Exception {
            if (e.id() < 12) {
              context.getBroadcastState(RULES).put(Event.key(e.id()), e);
            }
          }
        }

        public static class Asks implements AsyncFunction<Event, String> {
          @Override public void asyncInvoke(Event e, ResultFuture<String> answer) {
            if (!silent) {
              answer.complete(List.of(e.text()));
            }
          }
        }
      }
      """;

  static String places(String count, String box) {
    return PLACES.replace("COUNT", count).replace("BOX", box);
  }

  private VersionedPrograms() {}
}
