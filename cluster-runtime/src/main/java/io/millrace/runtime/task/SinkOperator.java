package io.millrace.runtime.task;

import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.operator.Completion;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.operator.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A sink in terms of an operator. Keeps every committable until it is committed, also those of
 * checkpoints that were aborted, and puts all of them in each snapshot.
 */
final class SinkOperator implements Operator<Object, Object> {
  private final Sink<Object> sink;
  private Sink.Scope scope;
  private SinkWriter<Object> writer;

  /** In order of their checkpoints. */
  private List<Cut> uncommitted = List.of();

  SinkOperator(Sink<Object> sink) {
    this.sink = sink;
  }

  @Override
  public void open(OperatorContext context, Output<Object> output) throws Exception {
    scope =
        new Sink.Scope(
            context.uid(), context.jobId(), context.lineage(), context.userClassLoader());
    var restored = new ArrayList<Cut>();
    for (Committable committable : context.restoredCommittables()) {
      restored.add(new Cut(committable.checkpoint(), List.of(committable.bytes())));
    }
    uncommitted = List.copyOf(restored);
    writer =
        sink.writer(
            new Sink.WriterContext(
                scope, context.subtask(), context.parallelism(), context.attemptName()));
  }

  @Override
  public void process(Object value, long timestamp) throws Exception {
    writer.write(value, timestamp);
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    for (Cut cut : uncommitted) {
      cut.check();
    }
    var cuts = new ArrayList<>(uncommitted);
    cuts.add(new Cut(checkpoint, writer.prepare(checkpoint)));
    List<Cut> all = List.copyOf(cuts);
    uncommitted = all;
    return () -> {
      var committables = new ArrayList<Committable>();
      for (Cut cut : all) {
        for (byte[] bytes : cut.flushed()) {
          committables.add(new Committable(cut.checkpoint, bytes));
        }
      }
      return new OperatorSnapshot(List.of(), committables);
    };
  }

  @Override
  public Completion completed(long checkpoint) throws Exception {
    var due = new ArrayList<Cut>();
    var bytes = new ArrayList<byte[]>();
    for (Cut cut : uncommitted) {
      if (cut.checkpoint <= checkpoint) {
        due.add(cut);
        bytes.addAll(cut.flushed());
      }
    }
    if (bytes.isEmpty()) {
      forget(due);
      return Completion.NOTHING;
    }
    return new Completion() {
      @Override
      public void commit() throws Exception {
        sink.commit(scope, List.copyOf(bytes));
      }

      @Override
      public void done() {
        forget(due);
      }
    };
  }

  private void forget(List<Cut> committed) {
    var rest = new ArrayList<>(uncommitted);
    rest.removeAll(committed); // by identity: a Cut has no equals of its own
    uncommitted = List.copyOf(rest);
  }

  @Override
  public void close() throws Exception {
    if (writer != null) {
      writer.close();
    }
  }

  /**
   * What was written between two barriers. Flushed once, by whichever snapshot comes first to need
   * it: if its own checkpoint is aborted before, or it could not be flushed then, the next one does
   * it.
   */
  private static final class Cut {
    private final long checkpoint;
    private Callable<List<byte[]>> flush;
    private List<byte[]> committables;
    private volatile Exception failure;

    Cut(long checkpoint, Callable<List<byte[]>> flush) {
      this.checkpoint = checkpoint;
      this.flush = flush;
    }

    Cut(long checkpoint, List<byte[]> committables) {
      this.checkpoint = checkpoint;
      this.committables = committables;
    }

    synchronized List<byte[]> flushed() throws Exception {
      check();
      if (committables == null) {
        try {
          committables = List.copyOf(flush.call());
          flush = null;
        } catch (RetryLaterException e) {
          throw e; // the next checkpoint asks again
        } catch (Exception e) {
          failure = e;
          throw e;
        }
      }
      return committables;
    }

    /**
     * Fails if the flush did: what it held can be in no later checkpoint, so the task must start
     * again from an earlier one.
     */
    void check() throws Exception {
      if (failure != null) {
        throw failure;
      }
    }
  }
}
