package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Maps in state that a function changes through what it iterates, and finds so after a failure. */
class ChangedWhileIteratedTest {
  private static final String AFTERWARDS = "{c=30, d=4}";

  private static MapStateDescriptor<String, Integer> map() {
    return new MapStateDescriptor<>("map", String.class, Integer.class);
  }

  /** What there was; takes 1, 2 and 5 away and makes 3 a 30. */
  private static String change(MapState<String, Integer> map) {
    var before = new TreeMap<String, Integer>();
    map.entries().forEach(entry -> before.put(entry.getKey(), entry.getValue()));
    if (before.isEmpty()) {
      map.putAll(new TreeMap<>(Map.of("a", 1, "b", 2, "c", 3, "d", 4, "e", 5)));
      changeEach(map.entries());
      remove(map.keys(), "b");
      remove(map.values(), 5);
    }
    return before.toString();
  }

  private static void changeEach(Iterable<Map.Entry<String, Integer>> entries) {
    for (var each = entries.iterator(); each.hasNext(); ) {
      Map.Entry<String, Integer> entry = each.next();
      if (entry.getValue() == 1) {
        each.remove();
      } else if (entry.getValue() == 3) {
        assertThat(entry.setValue(30)).isEqualTo(3);
      }
    }
  }

  private static <T> void remove(Iterable<T> all, T which) {
    for (Iterator<T> each = all.iterator(); each.hasNext(); ) {
      if (each.next().equals(which)) {
        each.remove();
      }
    }
  }

  private static final class OfKeys extends KeyedProcessFunction<String, String, String> {
    private final boolean expires;
    private transient MapState<String, Integer> map;

    OfKeys(boolean expires) {
      this.expires = expires;
    }

    @Override
    public void open(OpenContext context) {
      MapStateDescriptor<String, Integer> descriptor = map();
      if (expires) {
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1)).build());
      }
      map = getRuntimeContext().getMapState(descriptor);
    }

    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      out.collect(change(map));
    }
  }

  @ParameterizedTest
  @CsvSource({"hashmap, false", "hashmap, true", "rocksdb, false", "rocksdb, true"})
  void ofKeys(String store, boolean expires) {
    try (var harness = new OperatorHarness().set("state.backend.type", store)) {
      var in = harness.input(String.class);
      var out = harness.output(in.stream().keyBy(key -> key).process(new OfKeys(expires)));
      harness.open();
      in.processElement("k");
      harness.restore(harness.snapshot());
      in.processElement("k");
      assertThat(out.values()).containsExactly("{}", AFTERWARDS);
    }
  }

  private static final class OfWindows
      extends ProcessWindowFunction<String, String, String, TimeWindow> {
    @Override
    public void process(
        String key, Context context, Iterable<String> values, Collector<String> out) {
      out.collect(change(context.windowState().getMapState(map())));
    }

    @Override
    public void clear(Context context) {
      context.windowState().getMapState(map()).clear();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void ofWindows(String store) {
    try (var harness = new OperatorHarness().set("state.backend.type", store)) {
      var in = harness.input(String.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(key -> key)
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(20)))
                  .trigger(ContinuousEventTimeTrigger.of(Duration.ofMillis(10)))
                  .process(new OfWindows()));
      harness.open();
      in.processElement("k", 1);
      in.processWatermark(10);
      harness.restore(harness.snapshot());
      in.processWatermark(30);
      assertThat(out.values()).startsWith("{}", AFTERWARDS);
    }
  }

  private static final class OfSubtasks extends BroadcastProcessFunction<String, String, String> {
    @Override
    public void processElement(String value, ReadOnlyContext context, Collector<String> out) {
      var all = new TreeMap<String, Integer>();
      for (var entry : context.getBroadcastState(map()).immutableEntries()) {
        all.put(entry.getKey(), entry.getValue());
      }
      out.collect(all.toString());
    }

    @Override
    public void processBroadcastElement(String value, Context context, Collector<String> out) {
      var state = context.getBroadcastState(map());
      state.putAll(new TreeMap<>(Map.of("a", 1, "c", 3, "d", 4)));
      changeEach(state.entries());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofSubtasks(int parallelism) {
    try (var harness = new OperatorHarness()) {
      var in = harness.input(String.class);
      var rules = harness.input(String.class);
      var out =
          harness.output(
              in.stream().connect(rules.stream().broadcast(map())).process(new OfSubtasks()));
      harness.open();
      rules.processElement("");
      harness.restore(harness.snapshot(), parallelism);
      in.processElement("");
      assertThat(out.values()).containsExactly(AFTERWARDS);
    }
  }
}
