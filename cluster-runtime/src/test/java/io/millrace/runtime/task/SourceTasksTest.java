package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.source.Sources;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Split;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.task.Programs.Range;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The two halves of a source, each as a task driven by hand. */
class SourceTasksTest {
  /** Splits that the test finds, readers that deliver a split's bounds and then pause. */
  private static final class Scripted implements Source<String, Range> {
    final ArrayDeque<Range> found = new ArrayDeque<>();
    boolean complete;

    @Override
    public boolean bounded() {
      return true;
    }

    @Override
    public Class<Range> splitType() {
      return Range.class;
    }

    @Override
    public SplitEnumerator<Range> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
      return new SplitEnumerator<>() {
        @Override
        public Optional<Range> next(int reader) {
          return Optional.ofNullable(found.poll());
        }

        @Override
        public boolean finishedFor(int reader) {
          return complete && found.isEmpty();
        }

        @Override
        public byte[] snapshot() {
          return new byte[] {(byte) found.size()};
        }
      };
    }

    @Override
    public SourceReader<String, Range> reader(ReaderContext context) {
      return new SourceReader<>() {
        private final ArrayDeque<Range> splits = new ArrayDeque<>();
        private boolean paused;

        @Override
        public void add(Range split) {
          splits.add(split);
        }

        @Override
        public Progress poll(ReaderOutput<String> output, int limit, ReadClock clock) {
          if (splits.isEmpty()) {
            return Progress.NEED_SPLIT;
          }
          paused = !paused;
          if (paused) {
            return Progress.WAITING;
          }
          output.collect(splits.poll().toString());
          return Progress.MORE;
        }

        @Override
        public long nextPollMillis(ReadClock clock) {
          return clock.monotonicMillis() + 70;
        }

        @Override
        public List<Range> snapshot() {
          return List.copyOf(splits);
        }
      };
    }
  }

  private static Bench enumerator(Scripted source, int readers) {
    return new Bench()
        .part("source", Vertex.Role.ENUMERATOR, source)
        .outputs(Partitioning.SPLITS, readers, 1, TypeInformation.of(Range.class));
  }

  @Test
  void givesSplitsToReadersThatAsk() {
    var source = new Scripted();
    source.found.add(new Range(0, 1));
    var bench = enumerator(source, 2);
    assertThat(bench.settle()).isEqualTo(Progress.IDLE);
    assertThat(bench.out.get(0).isEmpty()).isTrue();

    bench.out.get(1).request();
    bench.settle();
    assertThat(bench.out.get(1).poll()).isEqualTo(new Split(new Range(0, 1)));
    assertThat(bench.out.get(0).isEmpty()).isTrue();
  }

  @Test
  void asksTheEnumeratorAgainUntilItHasASplit() {
    var source = new Scripted();
    var bench = enumerator(source, 1);
    bench.out.get(0).request();
    bench.settle();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 100);

    source.found.add(new Range(4, 5));
    bench.settle();
    assertThat(bench.out.get(0).isEmpty()).as("not before it is time").isTrue();
    bench.now += 100;
    bench.settle();
    assertThat(bench.out.get(0).poll()).isEqualTo(new Split(new Range(4, 5)));
    assertThat(bench.task().wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void startsCheckpointsBeforeAndAfterItsEnd() {
    var source = new Scripted();
    source.complete = true;
    var bench = enumerator(source, 2);
    bench.task().receive(new TaskCommand.Trigger(3));
    bench.task().receive(new TaskCommand.Trigger(3));
    bench.settle();
    bench.out.get(0).request();
    bench.out.get(1).request();
    bench.settle();
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);

    bench.task().receive(new TaskCommand.Trigger(4));
    bench.settle();
    for (int reader = 0; reader < 2; reader++) {
      assertThat(bench.received(reader)).containsExactly("[barrier 3]", "[end]", "[barrier 4]");
    }
    assertThat(bench.said(TaskEvent.Cut.class)).hasSize(2);
  }

  @Test
  void anEnumeratorThatIsStoppedGivesNoMoreSplits() {
    var source = new Scripted();
    source.found.add(new Range(0, 1));
    var bench = enumerator(source, 1);
    bench.task().receive(new TaskCommand.Trigger(3, Purpose.stop("savepoint")));
    bench.settle();
    bench.out.get(0).request();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("[barrier 3]");
    assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);
    assertThat(bench.said(TaskEvent.Cut.class).get(0).savepoint()).isEqualTo("savepoint");

    bench.task().receive(new TaskCommand.Completed(3, true));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
  }

  @Test
  void aReaderThatIsStoppedReadsNoMore() throws Exception {
    var bench = reader();
    bench.send(0, new Split(new Range(1, 2))).settle();
    bench.send(0, new Barrier(1, Purpose.stop("savepoint"))).settle();
    bench.now += 70;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]");
    var own = bench.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take();
    assertThat(own.entries()).as("the split that is not read yet").hasSize(1);

    bench.task().receive(new TaskCommand.Completed(1, true));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
  }

  @Test
  void aSourceThatIsDrainedEndsWithWhatIsNotReadInItsState() throws Exception {
    var source = new Scripted();
    source.found.add(new Range(0, 1));
    var enumerator = enumerator(source, 1);
    enumerator.task().receive(new TaskCommand.Trigger(3, Purpose.DRAIN));
    enumerator.task().receive(new TaskCommand.Trigger(3, Purpose.DRAIN));
    enumerator.settle();
    assertThat(enumerator.out.get(0).poll()).isEqualTo(new Barrier(3, Purpose.DRAIN));
    enumerator.out.get(0).request();
    enumerator.settle();
    assertThat(enumerator.out.get(0).isEmpty()).isTrue();
    assertThat(enumerator.said(TaskEvent.EndOfData.class)).hasSize(1);
    assertThat(enumerator.said(TaskEvent.Cut.class)).isEmpty();

    var reader = reader();
    reader.send(0, new Split(new Range(1, 2))).settle();
    reader.send(0, new Barrier(3, Purpose.DRAIN)).settle();
    assertThat(reader.received(0)).containsExactly("[watermark " + Long.MAX_VALUE + "]", "[end]");
    reader.send(0, new Barrier(4, Purpose.savepoint("savepoint"))).settle();
    var own = reader.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take();
    assertThat(own.entries()).hasSize(1);
  }

  /** Who looks for a barrier that overtakes finds the drain in front of it. */
  @Test
  void aReaderThatIsDrainedAfterItsEndEndsOnce() {
    var reader = reader().set("execution.checkpointing.unaligned.enabled", "true");
    reader.send(0, new Split(new Range(1, 2))).settle();
    reader.now += 1_000;
    reader.send(0, new EndOfInput()).settle();
    assertThat(reader.said(TaskEvent.EndOfData.class)).hasSize(1);
    assertThat(reader.received(0)).endsWith("[watermark " + Long.MAX_VALUE + "]", "[end]");
    reader.send(0, new Barrier(3, Purpose.DRAIN)).send(0, new Barrier(4)).settle();
    assertThat(reader.received(0)).containsExactly("[barrier 4]");
    assertThat(reader.said(TaskEvent.EndOfData.class)).hasSize(1);
  }

  private static Bench reader() {
    return new Bench()
        .part("source", Vertex.Role.READER, ReaderCode.plain(new Scripted()))
        .input(1, Partitioning.SPLITS, TypeInformation.of(Range.class), null)
        .output(10);
  }

  @Test
  void readsSplitsAndCutsBetweenThem() throws Exception {
    var bench =
        new Bench()
            .part("source", Vertex.Role.READER, ReaderCode.plain(new Scripted()))
            .input(1, Partitioning.SPLITS, TypeInformation.of(Range.class), null)
            .output(10);
    bench.settle();
    assertThat(bench.in.get(0).takeRequest()).isTrue();
    assertThat(bench.in.get(0).takeRequest()).as("one request at a time").isFalse();

    bench.send(0, new Split(new Range(1, 2))).settle();
    assertThat(bench.task().wakeAtMillis()).as("the reader pauses").isEqualTo(bench.now + 70);
    bench.send(0, new Barrier(1)).settle();
    var own = bench.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take();
    assertThat(own.entries()).as("the split that is not read yet").hasSize(1);
    assertThat(bench.received(0)).containsExactly("[barrier 1]");

    bench.now += 70;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("Range[from=1, to=2]");
    assertThat(bench.in.get(0).takeRequest()).isTrue();

    bench.send(0, new EndOfInput()).settle();
    bench.send(0, new Barrier(2)).settle();
    assertThat(bench.received(0))
        .containsExactly("[watermark " + Long.MAX_VALUE + "]", "[end]", "[barrier 2]");
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);
  }

  @Test
  void aReaderOfSeveralSplitsMakesNoRecordLate() throws Exception {
    Source<Long, ?> source = Sources.generator(n -> n, 600, Double.MAX_VALUE);
    WatermarkStrategy<Long> strategy =
        WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((n, old) -> n);
    for (int seed = 0; seed < 40; seed++) {
      var chance = new SplittableRandom(seed);
      var rows = new ArrayList<String>();
      List<byte[]> splits = List.of();
      for (int life = 0; life < 4; life++) {
        Bench bench = timedReader(new ReaderCode<>(source, strategy), splits);
        if (life == 0) {
          // What three readers had is now one's, and they had not come equally far.
          giveAll(bench, source);
        }
        bench.send(0, new EndOfInput());
        bench.settle(chance, life < 3 ? 20 : 10_000);
        bench.send(0, new Barrier(life + 1));
        bench.settle(chance, 5);
        List<String> out = bench.received(0);
        int cut = out.indexOf("[barrier " + (life + 1) + "]");
        assertThat(cut).isNotNegative();
        assertNoneLate(out.subList(0, cut));
        out.subList(0, cut).stream().filter(one -> !one.startsWith("[")).forEach(rows::add);
        splits = bench.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take().entries();
      }
      assertThat(rows).as("seed %s", seed).hasSize(600).doesNotHaveDuplicates();
    }
  }

  private static Bench timedReader(ReaderCode<Long> code, List<byte[]> splits) {
    return new Bench()
        .part(
            "source",
            Vertex.Role.READER,
            code,
            new TaskBlueprint.Restored(
                OptionalLong.empty(), splits, List.of(), List.of(), List.of()))
        .input(1, Partitioning.SPLITS, TypeInformation.dynamic(), null)
        .output(1_000);
  }

  private static <S> void giveAll(Bench bench, Source<Long, S> source) throws Exception {
    var context = new Source.EnumeratorContext("source", 3, SourceTasksTest.class.getClassLoader());
    SplitEnumerator<S> enumerator = source.enumerator(context, Optional.empty());
    for (int reader = 0; reader < 3; reader++) {
      bench.send(0, new Split(enumerator.next(reader).orElseThrow()));
    }
  }

  private static void assertNoneLate(List<String> out) {
    long watermark = Long.MIN_VALUE;
    for (String one : out) {
      if (one.startsWith("[watermark ")) {
        watermark = Long.parseLong(one.substring(11, one.length() - 1));
      } else if (!one.startsWith("[")) {
        assertThat(Long.parseLong(one)).isGreaterThan(watermark);
      }
    }
  }
}
