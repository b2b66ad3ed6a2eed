package io.millrace.api.operator.window;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import java.util.Optional;
import java.util.OptionalLong;

/** Windows that get partial results instead of records; their state is the same. */
final class MergeOperator<K, T, A, V, O> implements Operator<Partial<K, A>, O> {
  private final SliceOperator<K, T, A, V, O> windows;

  MergeOperator(SliceOperator<K, T, A, V, O> windows) {
    this.windows = windows;
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    windows.open(context, output);
  }

  @Override
  public OptionalLong restoredWatermark() {
    return windows.restoredWatermark();
  }

  @Override
  public void process(Partial<K, A> partial, long timestamp) throws Exception {
    windows.merge(partial, timestamp);
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    windows.onTimer(time, domain);
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    return windows.snapshot(checkpoint);
  }

  @Override
  public Optional<CheckpointListener> checkpointListener() {
    return windows.checkpointListener();
  }

  @Override
  public void close() throws Exception {
    windows.close();
  }
}
