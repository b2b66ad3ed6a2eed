package io.millrace.api;

import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import java.util.Iterator;
import java.util.List;

/** The elements of an iterator, of which each attempt has a copy that begins anew. */
final class IteratorFunction<T> implements SourceFunction<T>, CheckpointedFunction {
  private final Iterator<T> elements;
  private transient ListState<Long> position;

  /** How many elements have gone out, or had when the state was taken. */
  private long passed;

  private volatile boolean cancelled;

  IteratorFunction(Iterator<T> elements) {
    this.elements = elements;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    position =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("position", Long.class));
    for (long each : position.get()) {
      passed += each;
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    position.update(List.of(passed));
  }

  @Override
  public void run(SourceContext<T> context) throws Exception {
    for (long i = 0; i < passed; i++) {
      elements.next();
    }
    while (!cancelled && elements.hasNext()) {
      T next = elements.next();
      synchronized (context.getCheckpointLock()) {
        context.collect(next);
        passed++;
      }
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
  }
}
