package io.millrace.runtime.task;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** Sources, operators and sinks for tests. */
public final class Programs {
  /** A range of numbers, half open. */
  public record Range(long from, long to) {}

  public record Word(String text, long count) {}

  /** Numbers from 0, timestamped with themselves, in ranges of a fixed size. */
  public record Numbers(long count, long perSplit) implements Source<Long, Range> {
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
        private long next = restored.map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(0L);

        @Override
        public Optional<Range> next(int reader) {
          if (next >= count) {
            return Optional.empty();
          }
          var range = new Range(next, Math.min(count, next + perSplit));
          next = range.to();
          return Optional.of(range);
        }

        @Override
        public boolean finishedFor(int reader) {
          return next >= count;
        }

        @Override
        public byte[] snapshot() {
          return ByteBuffer.allocate(8).putLong(next).array();
        }
      };
    }

    @Override
    public SourceReader<Long, Range> reader(ReaderContext context) {
      return new SourceReader<>() {
        private final ArrayDeque<Range> ranges = new ArrayDeque<>();

        @Override
        public void add(Range split) {
          ranges.add(split);
        }

        @Override
        public Progress poll(ReaderOutput<Long> output, int limit, ReadClock clock) {
          for (int i = 0; i < limit && !ranges.isEmpty(); i++) {
            Range range = ranges.poll();
            output.collect(range.from(), range.from());
            if (range.from() + 1 < range.to()) {
              ranges.addFirst(new Range(range.from() + 1, range.to()));
            }
          }
          return ranges.isEmpty() ? Progress.NEED_SPLIT : Progress.MORE;
        }

        @Override
        public List<Range> snapshot() {
          return List.copyOf(ranges);
        }
      };
    }
  }

  /** One record for one. */
  static Operator<Object, Object> map(Function<Object, Object> function) {
    return new Operator<>() {
      private Output<Object> output;

      @Override
      public void open(OperatorContext context, Output<Object> out) {
        output = out;
      }

      @Override
      public void process(Object value, long timestamp) {
        output.collect(function.apply(value), timestamp);
      }
    };
  }

  /** Counts words; emits a count with a timer at the end of event time. */
  static Operator<Object, Object> countAtEnd() {
    return new Operator<>() {
      private OperatorContext context;
      private Output<Object> output;
      private ValueState<Long> count;

      @Override
      public void open(OperatorContext opened, Output<Object> out) {
        context = opened;
        output = out;
        count = opened.keyed().value(new ValueStateDescriptor<>("count", Long.class));
      }

      @Override
      public void process(Object value, long timestamp) {
        count.update(count.value() == null ? 1 : count.value() + 1);
        context.keyed().setTimer(TimerDomain.EVENT_TIME, Timestamps.MAX_WATERMARK);
      }

      @Override
      public void onTimer(long time, TimerDomain domain) {
        output.collect(new Word((String) context.keyed().currentKey(), count.value()), time);
      }
    };
  }

  /** What a sink of a test has made visible, and what it was told to. */
  public static final class Shelf {
    final TreeSet<String> committedBatches = new TreeSet<>();
    public final List<String> lines = new ArrayList<>();
    final TreeMap<String, Integer> written = new TreeMap<>();
  }

  /** Makes lines visible batch by batch; a batch that is committed twice shows once. */
  public record ShelfSink(Shelf shelf) implements Sink<Object> {
    @Override
    public SinkWriter<Object> writer(WriterContext context) {
      return new SinkWriter<>() {
        private final List<String> lines = new ArrayList<>();
        private int cuts;

        @Override
        public void write(Object value, long timestamp) {
          lines.add(value.toString());
          shelf.written.merge(value.toString(), 1, Integer::sum);
        }

        @Override
        public Callable<List<byte[]>> prepare(long checkpoint) {
          if (lines.isEmpty()) {
            return List::of;
          }
          String batch = context.attempt() + "#" + cuts++ + "\n" + String.join("\n", lines);
          lines.clear();
          return () -> List.of(batch.getBytes(StandardCharsets.UTF_8));
        }
      };
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) {
      for (byte[] committable : committables) {
        List<String> batch = List.of(new String(committable, StandardCharsets.UTF_8).split("\n"));
        if (shelf.committedBatches.add(batch.get(0))) {
          shelf.lines.addAll(batch.subList(1, batch.size()));
        }
      }
    }
  }

  private Programs() {}
}
