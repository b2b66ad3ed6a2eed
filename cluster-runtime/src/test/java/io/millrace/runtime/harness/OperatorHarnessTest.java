package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.metrics.Meter;
import io.millrace.api.metrics.MeterView;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.harness.OperatorHarness.Emitted;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorHarnessTest {
  private static final OutputTag<String> ASIDE = new OutputTag<>("aside") {};

  /** Counts; tells the count ten milliseconds of event time later and when a minute is over. */
  private static final class Count extends KeyedProcessFunction<String, String, String> {
    private transient ValueState<Integer> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Integer.class));
    }

    @Override
    public void processElement(String word, Context context, Collector<String> out)
        throws Exception {
      if (word.isEmpty()) {
        throw new IllegalArgumentException("an empty word");
      }
      count.update(count.value() == null ? 1 : count.value() + 1);
      context.output(ASIDE, "seen " + word);
      context.timerService().registerEventTimeTimer(context.timestamp() + 10);
      context
          .timerService()
          .registerProcessingTimeTimer(context.timerService().currentProcessingTime() + 60_000);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      String when = context.timeDomain() == TimerDomain.EVENT_TIME ? "" : " after a minute";
      out.collect(context.getCurrentKey() + " " + count.value() + when);
    }
  }

  private final OperatorHarness harness = new OperatorHarness();
  private final Input<String> words = harness.input(TypeInformation.of(String.class), 2);
  private final SingleOutputStreamOperator<String> counted =
      words.stream().keyBy(word -> word).process(new Count());
  private final Output<String> counts = harness.output(counted);
  private final Output<String> aside = harness.output(counted.getSideOutput(ASIDE));

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void timersFireAndStateSurvivesInEitherStore(String store) {
    harness.set("state.backend.type", store).open();
    words.processElement("a", 1);
    words.channel(1).processElement("b", 2);
    words.processWatermark(20);
    assertThat(counts.values()).as("the other channel may be behind").isEmpty();
    words.channel(1).processWatermark(11);

    assertThat(counts.records()).containsExactly(new Emitted<>("a 1", 11));
    assertThat(counts.watermark()).isEqualTo(11);
    assertThat(aside.values()).containsExactly("seen a", "seen b");

    Snapshot snapshot = harness.snapshot();
    words.processElement("a", 30);
    harness.restore(snapshot, 3);
    assertThat(counts.values()).containsExactly("a 1");
    assertThat(aside.values()).hasSize(2);
    counts.clear();
    words.channel(1).processIdle(true);
    words.processWatermark(12);
    harness.setProcessingTime(60_000);

    assertThat(counts.values())
        .containsExactlyInAnyOrder("b 1", "a 1 after a minute", "b 1 after a minute");
    harness.close();
  }

  /** Sets a timer for a time that is over when event time has come to its end. */
  private static final class LastWords extends KeyedProcessFunction<String, String, String> {
    @Override
    public void processElement(String word, Context context, Collector<String> out) {
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(context.getCurrentKey() + (time == Long.MAX_VALUE ? " ends" : " at " + time));
      if (time == Long.MAX_VALUE) {
        context.timerService().registerEventTimeTimer(7);
      }
    }
  }

  @Test
  void timersThatAreSetWhenInputHasEndedFireToo() {
    try (var other = new OperatorHarness()) {
      Input<String> in = other.input(String.class);
      Output<String> out = other.output(in.stream().keyBy(word -> word).process(new LastWords()));
      other.open();
      in.processElement("a", 1);
      in.processElement("b", 2);
      in.end();
      assertThat(out.values()).containsExactlyInAnyOrder("a ends", "a at 7", "b ends", "b at 7");
    }
  }

  @Test
  void anOutputThatRefusesStopsTheOperator() {
    harness.open();
    counts.refuse();
    for (int i = 0; i < 5; i++) {
      words.processElement("w" + i, i);
    }
    words.channel(1).end();
    words.end();
    assertThat(aside.values()).hasSize(5);
    assertThatThrownBy(harness::snapshot).hasMessageContaining("refuses");

    counts.acceptOne();
    assertThat(counts.values()).hasSize(1);
    counts.accept();
    assertThat(counts.values()).containsExactly("w0 1", "w1 1", "w2 1", "w3 1", "w4 1");
    assertThat(counts.watermark()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aBarrierWaitsForTheOtherChannel() {
    harness.open();
    long checkpoint = harness.nextCheckpoint();
    words.processBarrier(checkpoint);
    words.processElement("behind", 1);
    words.channel(1).processElement("before", 2);
    assertThat(aside.values()).containsExactly("seen before");
    assertThat(harness.snapshot(checkpoint)).isEmpty();

    words.channel(1).processBarrier(checkpoint);
    assertThat(harness.snapshot(checkpoint)).isPresent();
    assertThat(aside.values()).containsExactly("seen before", "seen behind");
  }

  @Test
  void failuresComeOutOfTheCallThatLedToThem() {
    harness.open();
    assertThatThrownBy(() -> words.processElement("", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Process")
        .hasRootCauseMessage("an empty word");
  }

  @Test
  void whatIsPeriodicIsDoneAsOftenAsInAJob() {
    var timed = new OperatorHarness();
    Input<Long> numbers = timed.input(Long.class);
    DataStream<Long> stamped =
        numbers.stream()
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Long>forMonotonousTimestamps()
                    .withTimestampAssigner((n, old) -> n));
    Output<Long> out = timed.output(stamped);
    timed.open();
    numbers.processElement(7L);
    assertThat(out.watermark()).isEqualTo(Long.MIN_VALUE);
    timed.setProcessingTime(200);

    assertThat(out.records()).isEqualTo(List.of(new Emitted<>(7L, 7)));
    assertThat(out.watermark()).isEqualTo(6);
  }

  @Test
  void misuseIsTold() {
    assertThatThrownBy(harness::snapshot).hasMessageContaining("open()");
    assertThatThrownBy(() -> words.channel(2)).hasMessageContaining("0 to 1");
    assertThatThrownBy(() -> new OperatorHarness().open()).hasMessageContaining("output(");
    harness.open();
    assertThatThrownBy(() -> harness.input(String.class)).hasMessageContaining("before open()");
  }

  /** Marks words of a file, and measures how many those are. */
  private static final class Mark extends RichMapFunction<String, String> {
    private transient List<String> known;
    private transient Meter marked;

    @Override
    public void open(OpenContext context) throws IOException {
      var file = getRuntimeContext().getDistributedCache().getFile("known");
      known = Files.readAllLines(file.toPath());
      marked = getRuntimeContext().getMetricGroup().meter("marked", new MeterView(10));
      getRuntimeContext().getMetricGroup().gauge("known", () -> known.size());
    }

    @Override
    public String map(String word) {
      if (known.contains(word)) {
        marked.markEvent();
        return word + "!";
      }
      return word;
    }
  }

  @Test
  void functionsFindTheirFilesAndTestsTheirMetrics(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("known.txt"), "a\nb\n");
    try (var marking = new OperatorHarness().registerCachedFile(file, "known")) {
      Input<String> some = marking.input(String.class);
      Output<String> marked = marking.output(some.stream().map(new Mark()));
      marking.open();
      some.processElement("a", 1);
      some.processElement("c", 2);
      marking.setProcessingTime(5_000);
      some.processElement("b", 3);

      assertThat(marked.values()).containsExactly("a!", "c", "b!");
      assertThat(marking.counters()).containsEntry("marked.count", 2L);
      assertThat(marking.metrics())
          .containsEntry("known", 2)
          .containsEntry("marked.count", 2L)
          .containsEntry("marked.rate", 0.4);
    }
  }

  /** Keeps numbers by word; a negative one sweeps out the odd ones and doubles the others. */
  private static final class Sweep extends KeyedProcessFunction<Integer, Integer, String> {
    private transient MapState<Integer, Integer> numbers;

    @Override
    public void open(OpenContext context) {
      var descriptor = new MapStateDescriptor<>("numbers", Integer.class, Integer.class);
      if (getRuntimeContext().getGlobalJobParameters().containsKey("ttl")) {
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1)).build());
      }
      numbers = getRuntimeContext().getMapState(descriptor);
    }

    @Override
    public void processElement(Integer number, Context context, Collector<String> out) {
      if (number >= 0) {
        numbers.put(number, number);
        return;
      }
      for (var each = numbers.iterator(); each.hasNext(); ) {
        var entry = each.next();
        if (entry.getKey() % 2 == 1) {
          each.remove();
        } else {
          entry.setValue(entry.getValue() * 2);
          numbers.put(entry.getKey() + 100, 0);
        }
      }
      var left = new TreeMap<Integer, Integer>();
      numbers.entries().forEach(entry -> left.put(entry.getKey(), entry.getValue()));
      out.collect(left.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"hashmap,", "rocksdb,", "hashmap,ttl:1", "rocksdb,ttl:1"})
  void entriesAreRemovedAndSetWhileTheyAreLookedAt(String backend, String parameters) {
    try (var sweeping = new OperatorHarness().set("state.backend.type", backend)) {
      if (parameters != null) {
        sweeping.set("pipeline.global-job-parameters", parameters);
      }
      Input<Integer> some = sweeping.input(Integer.class);
      Output<String> left = sweeping.output(some.stream().keyBy(n -> 0).process(new Sweep()));
      sweeping.open();
      for (int number : new int[] {4, 3, 2, 1}) {
        some.processElement(number);
      }
      Snapshot before = sweeping.snapshot();
      some.processElement(-1);
      sweeping.restore(before);
      some.processElement(-1);

      assertThat(left.values()).containsExactly("{2=4, 4=8, 102=0, 104=0}");
    }
  }

  private static final class AsksForNull
      extends ProcessWindowFunction<Integer, String, Integer, TimeWindow> {
    @Override
    public void process(
        Integer key, Context context, Iterable<Integer> elements, Collector<String> out) {
      var map =
          context
              .windowState()
              .getMapState(new MapStateDescriptor<>("map", Integer.class, Integer.class));
      out.collect(map.get(null) + " " + map.contains(null));
      map.put(null, 1);
      out.collect(map.get(null) + " " + map.contains(null));
      var list =
          context.windowState().getListState(new ListStateDescriptor<>("list", Integer.class));
      assertThatThrownBy(() -> list.addAll(Arrays.asList(1, null)))
          .hasMessage("a list state holds no null");
      assertThatThrownBy(() -> list.update(Arrays.asList(1, null)))
          .hasMessage("a list state holds no null");
      map.clear();
    }
  }

  @Test
  void stateOfAWindowTakesNullAsOtherStateDoes() {
    try (var windows = new OperatorHarness()) {
      Input<Integer> some = windows.input(Integer.class);
      Output<String> said =
          windows.output(
              some.stream()
                  .keyBy(n -> 0)
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                  .process(new AsksForNull()));
      windows.open();
      some.processElement(1, 1);
      some.processWatermark(20);
      assertThat(said.values()).containsExactly("null false", "1 true");
    }
  }
}
