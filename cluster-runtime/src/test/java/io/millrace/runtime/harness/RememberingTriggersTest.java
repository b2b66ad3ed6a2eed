package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.state.StateContents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sessions whose trigger keeps state of each kind that merges, and decides by all of it: compared
 * with what is plainly computed, across restores.
 */
class RememberingTriggersTest {
  private static final long GAP = 10;
  private static final int KEYS = 3;

  /** By what a trigger remembers. */
  private static TriggerResult verdict(List<Long> seen, long sum, long largest) {
    long sevenths = seen.stream().mapToLong(n -> n * n).sum() + 3 * sum + largest;
    return switch ((int) (sevenths % 7)) {
      case 0 -> TriggerResult.FIRE_AND_PURGE;
      case 1, 2 -> TriggerResult.FIRE;
      case 3 -> TriggerResult.PURGE;
      default -> TriggerResult.CONTINUE;
    };
  }

  private static final class Largest implements AggregateFunction<Long, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Long n, Long largest) {
      return Math.max(n, largest);
    }

    @Override
    public Long getResult(Long largest) {
      return largest;
    }

    @Override
    public Long merge(Long one, Long other) {
      return Math.max(one, other);
    }
  }

  /** Forgets the list, and the sum, with some of its verdicts. */
  private static final class Remembers extends Trigger<Long, TimeWindow> {
    private static final ListStateDescriptor<Long> SEEN =
        new ListStateDescriptor<>("seen", Long.class);
    private static final ReducingStateDescriptor<Long> SUM =
        new ReducingStateDescriptor<>("sum of all", Long::sum, Long.class);
    private static final AggregatingStateDescriptor<Long, Long, Long> LARGEST =
        new AggregatingStateDescriptor<>("largest", new Largest(), Long.class);

    @Override
    public TriggerResult onElement(Long n, long timestamp, TimeWindow window, TriggerContext ctx)
        throws Exception {
      ListState<Long> seen = ctx.getPartitionedState(SEEN);
      ReducingState<Long> sum = ctx.getPartitionedState(SUM);
      AggregatingState<Long, Long> largest = ctx.getPartitionedState(LARGEST);
      seen.add(n);
      sum.add(n);
      largest.add(n);
      ctx.registerEventTimeTimer(window.maxTimestamp());
      var list = new ArrayList<Long>();
      seen.get().forEach(list::add);
      TriggerResult verdict = verdict(list, sum.get(), largest.get());
      if (verdict.isPurge()) {
        seen.clear();
      }
      if (verdict.isFire()) {
        sum.clear();
      }
      return verdict;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext ctx) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public boolean canMerge() {
      return true;
    }

    @Override
    public void onMerge(TimeWindow window, OnMergeContext ctx) throws Exception {
      ctx.mergePartitionedState(SEEN);
      ctx.mergePartitionedState(SUM);
      ctx.mergePartitionedState(LARGEST);
      ctx.registerEventTimeTimer(window.maxTimestamp());
    }

    @Override
    public void clear(TimeWindow window, TriggerContext ctx) {
      ctx.getPartitionedState(SEEN).clear();
      ctx.getPartitionedState(SUM).clear();
      ctx.getPartitionedState(LARGEST).clear();
      ctx.deleteEventTimeTimer(window.maxTimestamp());
    }
  }

  /** One session as it should be. */
  private static final class Session {
    final long key;
    long start;
    long end;
    final List<Long> numbers = new ArrayList<>();
    final List<Long> seen = new ArrayList<>();
    long sum;
    long largest;

    Session(long key, long time) {
      this.key = key;
      this.start = time;
      this.end = time + GAP;
    }

    boolean meets(Session other) {
      return key == other.key && start <= other.end && end >= other.start;
    }

    void take(Session other) {
      start = Math.min(start, other.start);
      end = Math.max(end, other.end);
      numbers.addAll(other.numbers);
      seen.addAll(other.seen);
      sum += other.sum;
      largest = Math.max(largest, other.largest);
    }

    void add(long n, List<String> shown) {
      numbers.add(n);
      seen.add(n);
      sum += n;
      largest = Math.max(n, largest);
      TriggerResult verdict = verdict(seen, sum, largest);
      if (verdict.isPurge()) {
        seen.clear();
      }
      if (verdict.isFire()) {
        show(shown);
        sum = 0;
      }
      if (verdict.isPurge()) {
        numbers.clear();
      }
    }

    void show(List<String> shown) {
      if (!numbers.isEmpty()) {
        shown.add(RememberingTriggersTest.show(key, start, end, numbers));
      }
    }
  }

  private static String show(long key, long start, long end, List<Long> numbers) {
    return key + ": " + start + ".." + end + " " + numbers.stream().sorted().toList();
  }

  private static void tell(
      Long key, TimeWindow window, Iterable<Long> numbers, Collector<String> out) {
    var list = new ArrayList<Long>();
    numbers.forEach(list::add);
    out.collect(show(key, window.getStart(), window.getEnd(), list));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rows", "rocksdb"})
  void decideByAllThatTheirSessionsHaveSeenAndLeaveNothing(String store) {
    int merges = 0;
    for (int seed = 0; seed < (store.equals("rocksdb") ? 2 : 25); seed++) {
      var chance = new SplittableRandom(seed);
      try (var harness = new OperatorHarness()) {
        if (store.equals("rows")) {
          harness.keepRowsInMemory();
        }
        harness.set("state.backend.type", store.equals("hashmap") ? "hashmap" : "rocksdb");
        Input<Long> input = harness.input(Long.class);
        Output<String> output =
            harness.output(
                input.stream()
                    .keyBy(n -> n % KEYS)
                    .window(EventTimeSessionWindows.withGap(Duration.ofMillis(GAP)))
                    .trigger(new Remembers())
                    .<String>apply(RememberingTriggersTest::tell));
        harness.open();
        var sessions = new ArrayList<Session>();
        var shown = new ArrayList<String>();
        for (long n = 1; n <= 120; n++) {
          long time = chance.nextInt(500);
          input.processElement(n, time);
          var session = new Session(n % KEYS, time);
          List<Session> met = sessions.stream().filter(session::meets).toList();
          sessions.removeAll(met);
          met.forEach(session::take);
          session.add(n, shown);
          sessions.add(session);
          merges += met.size() > 1 ? 1 : 0;
          if (chance.nextInt(10) == 0) {
            harness.restore(harness.snapshot(), 1 + chance.nextInt(3));
          }
        }
        assertThat(output.values()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(shown);

        input.processWatermark(1_000);
        sessions.forEach(session -> session.show(shown));
        assertThat(output.values())
            .as("seed %d, in the end", seed)
            .containsExactlyInAnyOrderElementsOf(shown);
        var contents = new StateContents();
        harness.snapshot().keyedParts().forEach(contents::add);
        assertThat(contents.states())
            .as("seed %d", seed)
            .extracting(StateContents.Content::name)
            .contains("trigger/seen", "trigger/sum of all", "trigger/largest");
        assertThat(contents.states()).as("seed %d", seed).allMatch(state -> state.keys() == 0);
      }
    }
    assertThat(merges).as("of several sessions into one").isGreaterThan(10);
  }
}
