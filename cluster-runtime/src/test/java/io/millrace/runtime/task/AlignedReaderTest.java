package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceSplit;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Split;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A reader that waits for others, driven by hand. */
class AlignedReaderTest {
  private static final long DRIFT = 100;
  private static final int INTERVAL = 50;

  /** Numbers from {@code next}, each its own time. */
  record Lane(String splitId, long next, long end) implements SourceSplit {}

  /** Reads its lanes in turn, ten numbers every ten milliseconds. */
  private static final class Lanes implements Source<Long, Lane> {
    final TreeSet<String> paused = new TreeSet<>();
    boolean pauses = true;
    boolean silent;

    @Override
    public boolean bounded() {
      return true;
    }

    @Override
    public Class<Lane> splitType() {
      return Lane.class;
    }

    @Override
    public SplitEnumerator<Lane> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
      throw new UnsupportedOperationException("not needed here");
    }

    @Override
    public SourceReader<Long, Lane> reader(ReaderContext context) {
      var lanes = new ArrayList<Lane>();
      return new SourceReader<>() {
        private int turn;

        @Override
        public void add(Lane lane) {
          lanes.add(lane);
        }

        @Override
        public void pauseOrResumeSplits(Collection<String> toPause, Collection<String> toResume)
            throws Exception {
          if (!pauses) {
            SourceReader.super.pauseOrResumeSplits(toPause, toResume);
          }
          paused.addAll(toPause);
          paused.removeAll(toResume);
        }

        @Override
        public Progress poll(ReaderOutput<Long> output, int limit, ReadClock clock) {
          if (lanes.isEmpty()) {
            return Progress.NEED_SPLIT;
          }
          if (silent) {
            return Progress.WAITING;
          }
          int at = turn++ % lanes.size();
          while (paused.contains(lanes.get(at).splitId())) {
            at = turn++ % lanes.size();
          }
          Lane lane = lanes.get(at);
          long end = Math.min(lane.end(), lane.next() + 10);
          for (long n = lane.next(); n < end; n++) {
            output.createOutputForSplit(lane.splitId()).collect(n, n);
          }
          if (end < lane.end()) {
            lanes.set(at, new Lane(lane.splitId(), end, lane.end()));
          } else {
            lanes.remove(at);
            output.releaseOutputForSplit(lane.splitId());
          }
          return Progress.WAITING;
        }

        @Override
        public List<Lane> snapshot() {
          return List.copyOf(lanes);
        }
      };
    }
  }

  private final Lanes source = new Lanes();
  private Bench bench = bench(strategy());

  private static WatermarkStrategy<Long> strategy() {
    return WatermarkStrategy.<Long>forMonotonousTimestamps()
        .withWatermarkAlignment("all", Duration.ofMillis(DRIFT), Duration.ofMillis(INTERVAL));
  }

  private Bench bench(WatermarkStrategy<Long> strategy) {
    return new Bench()
        .part("source", Vertex.Role.READER, new ReaderCode<>(source, strategy))
        .input(1, Partitioning.SPLITS, TypeInformation.dynamic(), null)
        .output(100_000);
  }

  /** Lets time pass in small steps. */
  private void pass(long millis) {
    long until = bench.now + millis;
    while (bench.now < until) {
      bench.settle();
      bench.now = Math.min(until, bench.now + 10);
    }
    bench.settle();
  }

  /** The group answers each report with this for as long. */
  private void pass(long millis, long lowest) {
    for (long passed = 0; passed < millis; passed += INTERVAL) {
      pass(INTERVAL);
      bench.task().receive(new TaskCommand.GroupReached(lowest));
    }
    bench.settle();
  }

  private List<Long> reports() {
    return bench.said(TaskEvent.Reached.class).stream().map(TaskEvent.Reached::watermark).toList();
  }

  private List<Long> numbers() {
    return bench.received(0).stream()
        .filter(one -> !one.startsWith("["))
        .map(Long::valueOf)
        .toList();
  }

  private static long last(List<Long> numbers) {
    return numbers.get(numbers.size() - 1);
  }

  @Test
  void readsNoFurtherThanTheDriftAllows() throws Exception {
    bench.send(0, new Split(new Lane("a", 1_000, 1_500)));
    pass(200);
    assertThat(last(numbers())).as("nothing is known of others").isEqualTo(1_009);
    assertThat(reports()).startsWith(Timestamps.MIN_WATERMARK).endsWith(1_008L);

    pass(1_000, 1_200);
    assertThat(last(numbers())).isBetween(1_200 + DRIFT, 1_210 + DRIFT);
    pass(1_000, 1_250);
    assertThat(last(numbers())).isBetween(1_250 + DRIFT, 1_260 + DRIFT);
    pass(500, Timestamps.MAX_WATERMARK);
    assertThat(last(numbers())).as("nobody to wait for").isEqualTo(1_499);
  }

  @Test
  void saysHowFarItIsAtEachInterval() throws Exception {
    bench.send(0, new Split(new Lane("a", 0, 10)));
    source.silent = true;
    pass(10 * INTERVAL);
    assertThat(reports()).hasSize(11).containsOnly(Timestamps.MIN_WATERMARK);
    assertThat(bench.task().wakeAtMillis()).isLessThanOrEqualTo(bench.now + INTERVAL);
  }

  @Test
  void goesOnAloneWhenNobodyAnswersAndWaitsAgainWhenSomebodyDoes() throws Exception {
    bench.send(0, new Split(new Lane("a", 0, 1_000_000)));
    pass(4 * INTERVAL, 0);
    pass(Alignment.MOST_UNANSWERED * INTERVAL);
    assertThat(last(numbers())).isLessThan(DRIFT + 10);

    pass(6 * INTERVAL);
    long alone = last(numbers());
    assertThat(alone).isGreaterThan(3 * DRIFT);
    bench.task().receive(new TaskCommand.GroupReached(50));
    pass(200);
    assertThat(numbers()).isEmpty();
    pass(400, alone);
    assertThat(last(numbers())).isBetween(alone + DRIFT, alone + DRIFT + 11);
  }

  @Test
  void barriersPassAndTheEndIsSeenWhileItWaits() throws Exception {
    bench.send(0, new Split(new Lane("a", 0, 200)));
    pass(200, 0);
    bench.received(0);
    bench.send(0, new Barrier(1));
    bench.send(0, new EndOfInput());
    bench.settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]");
    assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);

    pass(400, 500);
    assertThat(bench.received(0)).contains("199", "[end]");
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);
  }

  @Test
  void waitingIsNotBeingIdle() throws Exception {
    bench = bench(strategy().withIdleness(Duration.ofMillis(400)));
    bench.send(0, new Split(new Lane("a", 0, 1_000)));
    pass(3_000, 0);
    assertThat(bench.received(0)).doesNotContain("[idle true]").contains("[watermark 108]");
    assertThat(last(reports())).isEqualTo(108);

    source.silent = true;
    pass(1_000, 500);
    assertThat(bench.received(0)).as("it may read, and finds nothing").contains("[idle true]");
    assertThat(last(reports())).isEqualTo(Timestamps.MAX_WATERMARK);
  }

  @Test
  void oneSplitWaitsWhileAnotherIsRead() throws Exception {
    bench.send(0, new Split(new Lane("ahead", 5_000, 6_000)));
    bench.send(0, new Split(new Lane("behind", 0, 1_000)));
    pass(1_000, 300);
    List<Long> numbers = numbers();
    assertThat(source.paused).contains("ahead");
    assertThat(numbers).filteredOn(n -> n < 5_000).hasSizeGreaterThan(400).hasSizeLessThan(420);
    assertThat(numbers).filteredOn(n -> n >= 5_000).hasSizeLessThan(120);

    pass(2_000, 5_950);
    assertThat(numbers()).contains(999L, 5_999L);
    assertThat(source.paused).isEmpty();
  }

  @Test
  void aReaderThatCannotPauseOneSplitSaysWhatToDo() throws Exception {
    source.pauses = false;
    bench.send(0, new Split(new Lane("ahead", 5_000, 6_000)));
    bench.send(0, new Split(new Lane("behind", 0, 1_000)));
    pass(1_000, 300);
    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.cause())
        .hasMessageContaining("[ahead]")
        .hasMessageContaining("pauseOrResumeSplits");
  }

  @Test
  void aReaderWithoutASplitKeepsNobodyWaitingForLong() throws Exception {
    pass(INTERVAL - 10);
    assertThat(reports()).containsExactly(Timestamps.MIN_WATERMARK);
    pass(2 * INTERVAL);
    assertThat(last(reports())).isEqualTo(Timestamps.MAX_WATERMARK);

    bench.send(0, new Split(new Lane("a", 700, 1_000)));
    pass(300, 700);
    assertThat(last(reports())).isBetween(700L, 810L);
  }

  @Test
  void aReaderWhoseConsumersAreSlowStillAsksAndIsStillHeld() throws Exception {
    bench =
        new Bench()
            .part("source", Vertex.Role.READER, new ReaderCode<>(source, strategy()))
            .input(1, Partitioning.SPLITS, TypeInformation.dynamic(), null)
            .output(1);
    bench.send(0, new Split(new Lane("a", 0, 1_000)));
    pass(1_000, 0);
    assertThat(bench.task().wakeAtMillis()).isLessThanOrEqualTo(bench.now + INTERVAL);
    assertThat(reports()).hasSizeGreaterThan(15);
    var read = new ArrayList<Long>();
    for (int i = 0; i < 100; i++) {
      read.addAll(numbers());
      pass(10, 0);
    }
    assertThat(last(read)).isBetween(DRIFT, DRIFT + 10);
  }
}
