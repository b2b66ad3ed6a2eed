package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.simulator.RandomJob.Item;

/** Waits for the {@link Outside} now and then, on a thread of its own, and passes items on. */
final class Waiting extends RichMapFunction<Item, Item> {
  private transient Outside outside;

  static DataStream<Item> with(DataStream<Item> items) {
    return items.map(new Waiting()).blocking();
  }

  @Override
  public void open(OpenContext context) {
    outside = LedgerLoader.outsideIn(getRuntimeContext().getUserCodeClassLoader()).orElse(null);
  }

  @Override
  public Item map(Item item) {
    if (outside != null) {
      outside.await();
    }
    return item;
  }
}
