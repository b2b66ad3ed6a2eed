package io.millrace.runtime.task;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceSplit;
import io.millrace.api.eventtime.WatermarkAlignmentParams;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionReader;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.ReaderTime;
import io.millrace.api.source.function.FunctionSource;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A reader in terms of an operator: its records are splits, its state is what is left of them. */
final class ReaderOperator implements Operator<Object, Object> {
  private final Source<Object, Object> source;
  private final WatermarkStrategy<Object> strategy;
  private Serializer<Object> splits;
  private SourceReader<Object, Object> reader;
  private ReaderTime<Object> time;

  /** The reader if a function of the user is in it; else {@code null}. */
  private FunctionReader<Object, Object> functions;

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
    if (reader instanceof FunctionReader) {
      functions = (FunctionReader<Object, Object>) reader;
      functions.open(context);
    }
    for (byte[] entry : context.restored()) {
      add(SplitEntry.read(entry, splits, context.userClassLoader()));
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

  /** Whether to poll now, though there was nothing when it was polled last. */
  boolean stirred() {
    return functions != null && functions.stirred();
  }

  /** Whether it comes to its end by itself, now that it was told to. */
  boolean drain() throws Exception {
    if (functions == null) {
      return false;
    }
    functions.drain();
    return true;
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
    if (functions == null) {
      return Frozen.of(entries());
    }
    Frozen states = functions.freeze(checkpoint, time);
    List<byte[]> entries = entries();
    return () -> new OperatorSnapshot(entries, List.of(), states.take().states());
  }

  /** Asked before there is a reader, which knows by then whether it wants to hear anything. */
  @Override
  public Optional<CheckpointListener> checkpointListener() {
    if (!(source instanceof FunctionSource)) {
      return Optional.empty();
    }
    return Optional.of(
        new CheckpointListener() {
          @Override
          public void notifyCheckpointComplete(long checkpointId) throws Exception {
            if (functions.checkpointListener().isPresent()) {
              functions.checkpointListener().get().notifyCheckpointComplete(checkpointId);
            }
          }

          @Override
          public void notifyCheckpointAborted(long checkpointId) throws Exception {
            if (functions.checkpointListener().isPresent()) {
              functions.checkpointListener().get().notifyCheckpointAborted(checkpointId);
            }
          }
        });
  }

  private List<byte[]> entries() throws Exception {
    var entries = new ArrayList<byte[]>();
    for (Object split : reader.snapshot()) {
      entries.add(SplitEntry.write(split, splits));
    }
    return entries;
  }

  @Override
  public void close() throws Exception {
    if (reader != null) {
      reader.close();
    }
  }
}
