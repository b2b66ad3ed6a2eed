package io.millrace.api.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceReader.Progress;
import io.millrace.api.connector.SourceReader.ReadClock;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.graph.UserCode;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SourcesTest {
  private static final ClassLoader LOADER = SourcesTest.class.getClassLoader();

  record Event(String name, List<Integer> numbers) {}

  enum Color {
    RED
  }

  /** A source with its readers, as a job would run it. */
  private static final class Run<T, S> {
    private final Source<T, S> source;
    private final int readers;
    private final Serializer<S> splits;
    private SplitEnumerator<S> enumerator;
    private List<SourceReader<T, S>> live;
    private final Set<Integer> complete = new TreeSet<>();
    final List<List<T>> read = new ArrayList<>();
    long monotonicMillis;

    @SuppressWarnings("unchecked") // the source is the same before and after
    Run(Source<T, S> source, int readers) throws Exception {
      this.source = (Source<T, S>) UserCode.of(source, "source").open(LOADER);
      this.readers = readers;
      splits = TypeInformation.of(source.splitType()).serializer(LOADER);
      for (int i = 0; i < readers; i++) {
        read.add(new ArrayList<>());
      }
      start(Optional.empty());
    }

    private void start(Optional<byte[]> restored) throws Exception {
      enumerator =
          source.enumerator(new Source.EnumeratorContext("uid", readers, LOADER), restored);
      live = new ArrayList<>();
      complete.clear();
      for (int i = 0; i < readers; i++) {
        live.add(source.reader(new Source.ReaderContext("uid", i, readers, LOADER)));
      }
    }

    Progress poll(int reader, int limit) throws Exception {
      Progress progress =
          live.get(reader).poll(into(read.get(reader)), limit, new ReadClock(monotonicMillis, 0));
      if (progress == Progress.NEED_SPLIT) {
        boolean given = false;
        for (Optional<S> split = enumerator.next(reader);
            split.isPresent();
            split = enumerator.next(reader)) {
          live.get(reader).add(split.get());
          given = true;
        }
        assertThat(enumerator.finishedFor(reader)).isTrue();
        if (complete.add(reader)) {
          live.get(reader).notifyNoMoreSplits();
          return Progress.MORE;
        }
        assertThat(given).isFalse();
      }
      return progress;
    }

    /** A failure: everything starts anew from what was serialised at the last barrier. */
    void fail(Cut cut) throws Exception {
      start(Optional.of(cut.enumerator()));
      for (int i = 0; i < readers; i++) {
        var lines = read.get(i);
        lines.subList(cut.emitted().get(i), lines.size()).clear();
        for (byte[] split : cut.splits().get(i)) {
          live.get(i).add(splits.read(new DataReader(split, LOADER)));
        }
      }
    }

    Cut cut() throws Exception {
      var all = new ArrayList<List<byte[]>>();
      for (SourceReader<T, S> reader : live) {
        var bytes = new ArrayList<byte[]>();
        for (S split : reader.snapshot()) {
          var out = new DataWriter();
          splits.write(split, out);
          bytes.add(out.toByteArray());
        }
        all.add(bytes);
      }
      return new Cut(enumerator.snapshot(), all, read.stream().map(List::size).toList());
    }

    List<T> all() {
      return read.stream().flatMap(List::stream).toList();
    }

    void toTheEnd() throws Exception {
      for (int i = 0; i < readers; i++) {
        while (poll(i, 7) != Progress.NEED_SPLIT) {
          monotonicMillis += 10;
        }
      }
    }
  }

  record Cut(byte[] enumerator, List<List<byte[]>> splits, List<Integer> emitted) {}

  private static <T> ReaderOutput<T> into(List<T> list) {
    return new ReaderOutput<>() {
      @Override
      public void collect(T value) {
        list.add(value);
      }

      @Override
      public void collect(T value, long timestamp) {
        list.add(value);
      }

      @Override
      public void emitWatermark(long watermark) {
        throw new AssertionError("these sources know no time");
      }

      @Override
      public void markIdle() {
        throw new AssertionError("these sources know no time");
      }

      @Override
      public void markActive() {
        throw new AssertionError("these sources know no time");
      }

      @Override
      public ReaderOutput<T> createOutputForSplit(String splitId) {
        return this;
      }

      @Override
      public void releaseOutputForSplit(String splitId) {}
    };
  }

  @Test
  void elementsComeInOrderWithAllTheirTypes() throws Exception {
    var events =
        List.of(new Event("a", List.of(1, 2)), new Event("b", List.of()), new Event(null, null));
    var run = new Run<>(Sources.elements(events, Sources.commonType(events)), 1);
    run.toTheEnd();
    assertThat(run.all()).isEqualTo(events);

    List<Object> mixed = List.of(1, "two", Tuple2.of(3, "drei"), Color.RED, List.of(4L));
    var dynamic = new Run<>(Sources.elements(mixed, Sources.commonType(mixed)), 1);
    dynamic.toTheEnd();
    assertThat(dynamic.all()).isEqualTo(mixed);
    assertThat(Sources.commonType(mixed).isDynamic()).isTrue();
    assertThat(Sources.commonType(List.of(1, 2))).isEqualTo(TypeInformation.of(Integer.class));
  }

  @Test
  void readersShareASequence() throws Exception {
    var run = new Run<>(Sources.sequence(5, 11), 3);
    run.toTheEnd();

    assertThat(run.read).containsExactly(List.of(5L, 8L, 11L), List.of(6L, 9L), List.of(7L, 10L));
  }

  @Test
  void moreReadersThanRecordsLeaveSomeWithoutWork() throws Exception {
    var run = new Run<>(Sources.sequence(1, 2), 4);
    run.toTheEnd();

    assertThat(run.read).containsExactly(List.of(1L), List.of(2L), List.of(), List.of());
  }

  @Test
  void theEndsOfTheNumbersCanBeRead() throws Exception {
    var run = new Run<>(Sources.sequence(Long.MAX_VALUE - 2, Long.MAX_VALUE), 2);
    run.toTheEnd();

    assertThat(run.all())
        .containsExactlyInAnyOrder(Long.MAX_VALUE - 2, Long.MAX_VALUE - 1, Long.MAX_VALUE);
  }

  @Test
  void everyRecordIsReadOnceThroughFailuresAtAnyPoint() throws Exception {
    var words = LongStream.range(0, 200).mapToObj(n -> "word " + n).toList();
    for (long seed = 0; seed < 30; seed++) {
      var random = new SplittableRandom(seed);
      var elements =
          new Run<>(
              Sources.elements(words, TypeInformation.of(String.class)), 1 + random.nextInt(3));
      failOften(elements, random);
      assertThat(elements.all()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(words);

      var paced = new Run<>(Sources.generator(n -> "word " + n, 200, 2_000), 1 + random.nextInt(3));
      failOften(paced, random);
      assertThat(paced.all()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(words);
    }
  }

  private static <T, S> void failOften(Run<T, S> run, SplittableRandom random) throws Exception {
    Cut cut = run.cut();
    for (int step = 0; step < 60; step++) {
      int what = random.nextInt(10);
      if (what == 0) {
        run.fail(cut);
      } else if (what < 3) {
        cut = run.cut();
      } else {
        run.monotonicMillis += random.nextInt(20);
        run.poll(random.nextInt(run.readers), 1 + random.nextInt(5));
      }
    }
    run.fail(cut);
    run.toTheEnd();
  }

  @Test
  void aGeneratorKeepsItsRate() throws Exception {
    var run = new Run<>(Sources.generator(n -> n, Sources.ENDLESS, 100), 1);
    assertThat(run.poll(0, 1_000)).isEqualTo(Progress.MORE); // the split

    assertThat(run.poll(0, 1_000)).isEqualTo(Progress.WAITING);
    assertThat(run.all()).containsExactly(0L);
    assertThat(run.live.get(0).nextPollMillis(new ReadClock(0, 0))).isEqualTo(10);
    for (run.monotonicMillis = 1; run.monotonicMillis <= 1_000; run.monotonicMillis++) {
      run.poll(0, 1_000);
    }

    assertThat(run.all()).hasSize(101);
  }

  @Test
  void readersShareTheRate() throws Exception {
    var run = new Run<>(Sources.generator(n -> n, Sources.ENDLESS, 100), 4);
    for (run.monotonicMillis = 0; run.monotonicMillis <= 1_000; run.monotonicMillis++) {
      for (int i = 0; i < 4; i++) {
        run.poll(i, 1_000);
      }
    }

    assertThat(run.all().size()).isBetween(100, 104);
    assertThat(run.all()).doesNotHaveDuplicates();
    assertThat(run.read.get(1).subList(0, 3)).containsExactly(1L, 5L, 9L);
  }

  @Test
  void afterAPauseAGeneratorCatchesUpOnlyABurst() throws Exception {
    var run = new Run<>(Sources.generator(n -> n, Sources.ENDLESS, 1_000), 1);
    run.poll(0, 10_000);
    run.poll(0, 10_000);
    int before = run.all().size();

    run.monotonicMillis = 60_000;
    run.poll(0, 10_000);

    assertThat(run.all().size() - before).isEqualTo(100);
  }

  @Test
  void withoutLimitAGeneratorIsBoundByThePollOnly() throws Exception {
    var run = new Run<>(Sources.generator(n -> n, Sources.ENDLESS, Double.MAX_VALUE), 1);
    run.poll(0, 500);

    assertThat(run.poll(0, 500)).isEqualTo(Progress.MORE);
    assertThat(run.all()).hasSize(500);
    assertThat(Sources.generator(n -> n, Sources.ENDLESS, 1).bounded()).isFalse();
    assertThat(Sources.generator(n -> n, 5, 1).bounded()).isTrue();
  }

  @Test
  void aSpanThatIsPausedIsLeftAlone() throws Exception {
    var reader = new SpanReader<Long>(n -> n, new Pace(Double.MAX_VALUE));
    for (int lane = 0; lane < 3; lane++) {
      reader.add(new Span(lane, lane, 3, 10));
    }
    reader.notifyNoMoreSplits();
    var read = new ArrayList<Long>();
    reader.pauseOrResumeSplits(List.of("lane 0", "lane 2"), List.of());
    reader.poll(into(read), 4, new ReadClock(0, 0));
    reader.poll(into(read), 4, new ReadClock(0, 0));
    assertThat(read).containsExactly(1L, 4L, 7L, 10L, 13L, 16L, 19L, 22L);

    reader.pauseOrResumeSplits(List.of("lane 1"), List.of("lane 2"));
    reader.poll(into(read), 4, new ReadClock(0, 0));
    assertThat(read).hasSize(12).endsWith(2L, 5L, 8L, 11L);
    reader.pauseOrResumeSplits(List.of(), List.of("lane 0", "lane 1"));
    while (reader.poll(into(read), 4, new ReadClock(0, 0)) != Progress.NEED_SPLIT) {}
    assertThat(read).containsExactlyInAnyOrderElementsOf(LongStream.range(0, 30).boxed().toList());
  }

  @Test
  void impossibleSourcesAreRefused() {
    assertThatThrownBy(() -> Sources.sequence(2, 1)).hasMessageContaining("2 to 1");
    assertThatThrownBy(() -> Sources.sequence(Long.MIN_VALUE, Long.MAX_VALUE))
        .hasMessageContaining("2^63");
    assertThatThrownBy(() -> Sources.generator(n -> n, 1, 0)).hasMessageContaining("rate");
    assertThatThrownBy(() -> Sources.commonType(List.of())).hasMessageContaining("type");
  }
}
