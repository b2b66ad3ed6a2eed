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
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Split;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two readers that wait for each other, and a checkpoint at every moment of their lives: as a split
 * has been given, is read, is held, falls idle, ends, is the last. Whoever is restored from it
 * reads all that is left, in step with the other, to the end.
 */
class AlignedCutTest {
  private static final long DRIFT = 30;
  private static final int POLL = 5;
  private static final int MILLIS = 10;
  private static final int INTERVAL = 20;
  private static final int IDLE_MILLIS = 100;
  private static final int QUIET_MILLIS = 300;

  /** Numbers from {@code next}, each its own time; nothing comes for a while before one of them. */
  record Lane(String splitId, long next, long end, long quietBefore) implements SourceSplit {}

  /** Reads one lane after the other. */
  private static final class Lanes implements Source<Long, Lane> {
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
      var lanes = new ArrayDeque<Lane>();
      return new SourceReader<>() {
        private long quietUntil = -1;

        @Override
        public void add(Lane lane) {
          lanes.add(lane);
        }

        @Override
        public Progress poll(ReaderOutput<Long> output, int limit, ReadClock clock) {
          Lane lane = lanes.peek();
          if (lane == null) {
            return Progress.NEED_SPLIT;
          }
          if (lane.next() == lane.quietBefore()) {
            quietUntil = quietUntil < 0 ? clock.monotonicMillis() + QUIET_MILLIS : quietUntil;
            if (clock.monotonicMillis() < quietUntil) {
              return Progress.WAITING;
            }
          }
          quietUntil = -1;
          long end = Math.min(lane.end(), lane.next() + POLL);
          for (long n = lane.next(); n < end; n++) {
            output.createOutputForSplit(lane.splitId()).collect(n, n);
          }
          lanes.remove();
          if (end < lane.end()) {
            lanes.addFirst(new Lane(lane.splitId(), end, lane.end(), lane.quietBefore()));
          } else {
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

  /** A reader, its enumerator's splits, and what it has emitted. */
  private static final class Side {
    final Bench bench = new Bench();
    final ArrayDeque<Lane> left;
    final List<String> emitted = new ArrayList<>();
    long reached = Timestamps.MIN_WATERMARK;
    long lowest = Timestamps.MIN_WATERMARK;
    boolean over;

    /** Whether it has had to wait for the other. */
    boolean ahead;

    int heard;
    List<Lane> leftAtCut;

    Side(boolean unaligned, List<Lane> lanes, List<byte[]> entries) {
      left = new ArrayDeque<>(lanes);
      var strategy =
          WatermarkStrategy.<Long>forMonotonousTimestamps()
              .withIdleness(Duration.ofMillis(IDLE_MILLIS))
              .withWatermarkAlignment("all", Duration.ofMillis(DRIFT), Duration.ofMillis(INTERVAL));
      var restored =
          new TaskBlueprint.Restored(OptionalLong.of(1), entries, List.of(), List.of(), List.of());
      bench
          .set("pipeline.auto-watermark-interval", "30 ms")
          .set("execution.checkpointing.unaligned.enabled", "" + unaligned)
          .part("source", Vertex.Role.READER, new ReaderCode<>(new Lanes(), strategy), restored)
          .input(1, Partitioning.SPLITS, TypeInformation.dynamic(), null)
          .output(unaligned ? 1 : 100_000);
    }

    void advance(long now, boolean takesOutput, List<Side> group) {
      bench.now = now;
      bench.step(1);
      if (bench.in.get(0).takeRequest()) {
        bench.send(0, left.isEmpty() ? new EndOfInput() : new Split(left.poll()));
      }
      for (; heard < bench.events.size(); heard++) {
        TaskEvent event = bench.events.get(heard);
        assertThat(event).isNotInstanceOf(TaskEvent.Failed.class);
        over |= event instanceof TaskEvent.EndOfData;
        if (event instanceof TaskEvent.Reached said) {
          reached = said.watermark();
          lowest =
              group.stream()
                  .filter(side -> !side.over)
                  .mapToLong(side -> side.reached)
                  .min()
                  .orElse(Timestamps.MAX_WATERMARK);
          bench.task().receive(new TaskCommand.GroupReached(lowest));
          ahead |= reached < Timestamps.MAX_WATERMARK && reached > Math.max(0, lowest) + DRIFT;
        }
      }
      if (takesOutput) {
        emitted.addAll(bench.received(0));
      }
    }

    void cut() {
      leftAtCut = List.copyOf(left);
      bench.send(0, new Barrier(1));
    }

    boolean hasCut() {
      return !bench.said(TaskEvent.Cut.class).isEmpty() && emitted.contains("[barrier 1]");
    }

    /** What is emitted for good once the checkpoint is. */
    List<String> durable() {
      var durable = new ArrayList<>(emitted.subList(0, emitted.indexOf("[barrier 1]")));
      for (FrozenChannel channel : bench.said(TaskEvent.Cut.class).get(0).inFlight().channels()) {
        channel
            .parts()
            .forEachRemaining(
                part ->
                    FrozenChannel.read(
                        part,
                        channel.edge(),
                        channel.records(),
                        getClass().getClassLoader(),
                        (Element element) -> durable.addAll(Bench.shown(element))));
      }
      return durable;
    }

    Side restored(boolean unaligned) throws Exception {
      OperatorSnapshot own = bench.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take();
      return new Side(unaligned, leftAtCut, own.entries());
    }
  }

  private static List<Lane> lanes(String name, long quietBefore) {
    return List.of(
        new Lane(name + 1, 0, 40, quietBefore),
        new Lane(name + 2, 40, 80, quietBefore),
        new Lane(name + 3, 80, 120, quietBefore));
  }

  private static List<Long> numbers(List<String> emitted) {
    return emitted.stream().filter(one -> !one.startsWith("[")).map(Long::valueOf).toList();
  }

  /** Lets both go on to their ends, or to their cuts if there is one to be. */
  private static int live(List<Side> sides, boolean slowly, int cutAt) {
    for (int step = 0; step < 5_000; step++) {
      if (step == cutAt) {
        sides.forEach(Side::cut);
      }
      for (Side side : sides) {
        side.advance(1_000 + (long) step * MILLIS, !slowly || step % 2 == 0, sides);
      }
      if (cutAt >= 0
          ? sides.stream().allMatch(Side::hasCut)
          : sides.stream().allMatch(side -> side.over && side.emitted.contains("[end]"))) {
        return step;
      }
    }
    throw new AssertionError(
        "they stand still: " + sides.stream().map(side -> side.bench.task().standing()).toList());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoeverIsRestoredGoesOnToTheEnd(boolean unaligned) throws Exception {
    List<Long> all = LongStream.range(0, 120).boxed().toList();
    List<Lane> one = lanes("a", 40);
    List<Lane> other = lanes("b", 100);
    var whole = List.of(new Side(unaligned, one, List.of()), new Side(unaligned, other, List.of()));
    int steps = live(whole, unaligned, -1);
    assertThat(whole).anyMatch(side -> side.ahead);
    whole.forEach(side -> assertThat(side.emitted).contains("[idle true]"));
    for (int cutAt = 0; cutAt <= steps; cutAt++) {
      var first =
          List.of(new Side(unaligned, one, List.of()), new Side(unaligned, other, List.of()));
      live(first, unaligned, cutAt);
      var second = List.of(first.get(0).restored(unaligned), first.get(1).restored(unaligned));
      live(second, unaligned, -1);
      for (int side = 0; side < 2; side++) {
        var read = new ArrayList<>(numbers(first.get(side).durable()));
        read.addAll(numbers(second.get(side).emitted));
        assertThat(read).as("reader %d, cut at step %d", side, cutAt).isEqualTo(all);
      }
    }
  }
}
