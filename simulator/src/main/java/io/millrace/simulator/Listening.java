package io.millrace.simulator;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.simulator.RandomJob.Item;
import java.util.TreeSet;

/**
 * Passes items on and holds what it hears of checkpoints against what is durable. Hears of none
 * that it was not cut for, of each once, and in order.
 */
final class Listening extends RichMapFunction<Item, Item>
    implements CheckpointedFunction, CheckpointListener {
  private transient TreeSet<Long> cut;
  private transient TreeSet<Long> givenUp;
  private transient long complete;
  private transient Ledger ledger;

  @Override
  public void initializeState(FunctionInitializationContext context) {
    cut = new TreeSet<>();
    givenUp = new TreeSet<>();
    complete = 0;
  }

  @Override
  public void open(OpenContext context) {
    ClassLoader loader = getRuntimeContext().getUserCodeClassLoader();
    ledger = loader instanceof LedgerLoader ? LedgerLoader.ledgerOf(loader) : null;
  }

  @Override
  public Item map(Item item) {
    return item;
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) {
    cut.add(context.getCheckpointId());
  }

  @Override
  public void notifyCheckpointComplete(long checkpointId) {
    if (ledger != null) {
      boolean due = cut.contains(checkpointId) && checkpointId > complete;
      ledger.heardComplete(getRuntimeContext().getJobInfo().getJobId(), checkpointId, due);
    }
    complete = checkpointId;
    cut.headSet(checkpointId, true).clear();
  }

  @Override
  public void notifyCheckpointAborted(long checkpointId) {
    if (ledger != null) {
      boolean due = cut.contains(checkpointId) && givenUp.add(checkpointId);
      ledger.heardAborted(checkpointId, due);
    }
  }
}
