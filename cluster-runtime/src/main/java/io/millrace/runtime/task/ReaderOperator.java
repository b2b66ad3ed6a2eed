package io.millrace.runtime.task;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceSplit;
import io.millrace.api.eventtime.WatermarkAlignmentParams;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.ReaderTime;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.Optional;

/** A reader in terms of an operator: its records are splits, its state is what is left of them. */
final class ReaderOperator implements Operator<Object, Object> {
  private final Source<Object, Object> source;
  private final WatermarkStrategy<Object> strategy;
  private Serializer<Object> splits;
  private SourceReader<Object, Object> reader;
  private ReaderTime<Object> time;

  @SuppressWarnings("unchecked") // as the engine: splits are Objects
  ReaderOperator(ReaderCode<Object> code) {
    this.source = (Source<Object, Object>) code.source();
    this.strategy = code.strategy();
  }

  @Override
  public void open(OperatorContext context, Output<Object> output) throws Exception {
    splits = TypeInformation.of(source.splitType()).serializer(context.userClassLoader());
    time = new ReaderTime<>(strategy, output, context.monotonicMillis(), context.settings());
    reader =
        source.reader(
            new Source.ReaderContext(
                context.uid(),
                context.subtask(),
                context.parallelism(),
                context.userClassLoader()));
    for (byte[] entry : context.restored()) {
      add(splits.read(new DataReader(entry, context.userClassLoader())));
    }
  }

  @Override
  public void process(Object split, long timestamp) throws Exception {
    add(split);
  }

  private void add(Object split) throws Exception {
    reader.add(split);
    if (split instanceof SourceSplit named) {
      // At once: event time must not go on without it until its first record.
      time.createOutputForSplit(named.splitId());
    }
  }

  void noMoreSplits() throws Exception {
    reader.notifyNoMoreSplits();
  }

  /** Which other sources the reader waits for. */
  WatermarkAlignmentParams alignment() {
    return strategy.getAlignmentParameters();
  }

  /** Its event time, once it is open. */
  ReaderTime<Object> time() {
    return time;
  }

  SourceReader.Progress poll(int limit, SourceReader.ReadClock clock) throws Exception {
    Optional<ReaderTime.Change> change = time.changes();
    if (change.isPresent()) {
      reader.pauseOrResumeSplits(change.get().paused(), change.get().resumed());
    }
    return reader.poll(time, limit, clock);
  }

  long nextPollMillis(SourceReader.ReadClock clock) {
    return reader.nextPollMillis(clock);
  }

  @Override
  public long nextWakeMillis() {
    return time.nextWakeMillis();
  }

  @Override
  public void wake(long monotonicMillis) {
    time.wake(monotonicMillis);
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    var entries = new ArrayList<byte[]>();
    for (Object split : reader.snapshot()) {
      var out = new DataWriter();
      splits.write(split, out);
      entries.add(out.toByteArray());
    }
    return Frozen.of(entries);
  }

  @Override
  public void close() throws Exception {
    if (reader != null) {
      reader.close();
    }
  }
}
