package io.millrace.api.operator.awaited;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.api.function.RichFunction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A function whose answers a {@link Courier} brings; all else of it is as it was. */
final class Awaited<I, O> extends RichAsyncFunction<I, O>
    implements CheckpointedFunction, CheckpointListener {
  /** Real time, which nothing else of such a test takes: far more than a stand-in needs. */
  static final int PATIENCE_MILLIS = 10_000;

  private final AsyncFunction<I, O> function;
  private final Courier courier;
  private final int patienceMillis;

  Awaited(AsyncFunction<I, O> function, Courier courier, int patienceMillis) {
    this.function = function;
    this.courier = courier;
    this.patienceMillis = patienceMillis;
  }

  @Override
  public void asyncInvoke(I input, ResultFuture<O> future) throws Exception {
    var held = new Held<O>();
    function.asyncInvoke(input, held);
    if (!held.comesIn(patienceMillis)) {
      throw courier.missing(
          getRuntimeContext(),
          "a request of "
              + function.getClass().getName()
              + " was not answered in "
              + patienceMillis
              + " ms: where requests are waited for, each is to be answered before the next is"
              + " asked, if only by an error");
    }
    deliver(held, future);
  }

  /** What it says at once counts at once, before any answer that is on its way. */
  @Override
  public void timeout(I input, ResultFuture<O> future) throws Exception {
    function.timeout(input, future);
  }

  private void deliver(Held<O> held, ResultFuture<O> future) {
    courier.deliver(getRuntimeContext(), () -> held.first.get().accept(future));
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    if (function instanceof RichFunction rich) {
      rich.setRuntimeContext(getRuntimeContext());
    }
    if (function instanceof CheckpointedFunction checkpointed) {
      checkpointed.initializeState(context);
    }
  }

  @Override
  public void open(OpenContext context) throws Exception {
    if (function instanceof RichFunction rich) {
      rich.open(context);
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    if (function instanceof CheckpointedFunction checkpointed) {
      checkpointed.snapshotState(context);
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) throws Exception {
    if (function instanceof CheckpointListener listener) {
      listener.notifyCheckpointComplete(checkpointId);
    }
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) throws Exception {
    if (function instanceof CheckpointListener listener) {
      listener.notifyCheckpointAborted(checkpointId);
    }
  }

  @Override
  public void close() throws Exception {
    if (function instanceof RichFunction rich) {
      rich.close();
    }
  }

  /** Keeps the first completion, of whatever thread. */
  private static final class Held<O> implements ResultFuture<O> {
    private final AtomicReference<Consumer<ResultFuture<O>>> first = new AtomicReference<>();
    private final CountDownLatch here = new CountDownLatch(1);

    @Override
    public void complete(Collection<O> results) {
      // Whoever answers may use the collection again; what is wrong with null the operator says.
      Collection<O> own = results == null ? null : new ArrayList<>(results);
      keep(future -> future.complete(own));
    }

    @Override
    public void completeExceptionally(Throwable error) {
      keep(future -> future.completeExceptionally(error));
    }

    private void keep(Consumer<ResultFuture<O>> completion) {
      if (first.compareAndSet(null, completion)) {
        here.countDown();
      }
    }

    boolean comesIn(int millis) throws InterruptedException {
      return here.await(millis, TimeUnit.MILLISECONDS);
    }
  }
}
