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
 * checkpoints that were aborted, and puts all of them in each snapshot. What could not be flushed
 * when its own checkpoint wanted it may become part of the next cut.
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
    recallLost(cuts);
    var own = new Cut(checkpoint, writer.prepare(checkpoint));
    cuts.add(own);
    List<Cut> all = List.copyOf(cuts);
    uncommitted = all;
    return new Frozen() {
      @Override
      public OperatorSnapshot take() throws Exception {
        return flushed(all);
      }

      @Override
      public void discard() {
        own.over = true;
      }
    };
  }

  /**
   * From the newest on, as each cut is part of all snapshots after it: one that any of them may
   * still flush stays, and so do those before it.
   */
  private void recallLost(List<Cut> cuts) throws Exception {
    for (int last = cuts.size() - 1; last >= 0; last--) {
      Cut cut = cuts.get(last);
      if (!cut.recalledBy(writer)) {
        return;
      }
      cuts.remove(last);
    }
  }

  private static OperatorSnapshot flushed(List<Cut> cuts) throws Exception {
    var committables = new ArrayList<Committable>();
    for (Cut cut : cuts) {
      for (byte[] bytes : cut.flushed()) {
        committables.add(new Committable(cut.checkpoint, bytes));
      }
    }
    return new OperatorSnapshot(List.of(), committables);
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
    private volatile List<byte[]> committables;
    private volatile Exception failure;

    /** Whether the snapshot that it was made for asks for nothing any more. */
    private volatile boolean over;

    /** Whether it is being flushed, or that broke off. */
    private boolean begun;

    /** Whether it is part of a later one. */
    private boolean recalled;

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
      if (recalled) {
        throw new RetryLaterException("what was to be written is part of a later checkpoint", null);
      }
      if (committables == null) {
        begun = true;
        try {
          committables = List.copyOf(flush.call());
          flush = null;
        } catch (RetryLaterException e) {
          begun = false;
          throw e; // the next checkpoint asks again
        } catch (Exception e) {
          failure = e;
          throw e;
        }
      }
      return committables;
    }

    /**
     * Its own snapshot is over and has not got it, so that checkpoint can never complete; those
     * after it were looked at before. Not if a flush ended in a way that says nothing of what has
     * become of it.
     */
    boolean recalledBy(SinkWriter<?> writer) throws Exception {
      if (!over) {
        return false; // may be flushed right now, for long
      }
      synchronized (this) {
        if (begun || recalled || committables != null || failure != null) {
          return false;
        }
        recalled = writer.recall(checkpoint);
        return recalled;
      }
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
