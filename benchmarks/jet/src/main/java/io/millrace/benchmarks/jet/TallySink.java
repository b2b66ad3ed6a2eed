package io.millrace.benchmarks.jet;

import com.hazelcast.function.ToLongFunctionEx;
import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.Inbox;
import io.millrace.benchmarks.workloads.events.Tally;

/** Adds up a hash of all that it gets. */
final class TallySink<T> extends AbstractProcessor {
  private final Tally tally = Tally.open();
  private final ToLongFunctionEx<T> hash;

  TallySink(ToLongFunctionEx<T> hash) {
    this.hash = hash;
  }

  @Override
  @SuppressWarnings("unchecked") // whoever builds the graph knows what comes
  public void process(int ordinal, Inbox inbox) {
    for (Object value = inbox.poll(); value != null; value = inbox.poll()) {
      tally.add(hash.applyAsLong((T) value));
    }
  }
}
