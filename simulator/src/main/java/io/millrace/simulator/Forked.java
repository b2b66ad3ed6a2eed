package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.simulator.RandomJob.Item;
import java.util.SplittableRandom;

/**
 * A stream of mutable records with several consumers, all of which change what they get; each item
 * goes on from one of them. Adds an item that should not be if one sees what another did.
 */
final class Forked {
  /** An item, and how often it has been marked. */
  public static final class Slip {
    public Item item;
    public int marks;

    Slip marked() {
      marks++;
      return this;
    }

    Item taken() {
      return marks == 1 ? item : new Item(-1, -1, -1, -1);
    }
  }

  static DataStream<Item> of(SplittableRandom chance, DataStream<Item> items) {
    var slips = items.map(Forked::slip).name("Fork");
    if (chance.nextBoolean()) {
      slips.returns(Slip.class);
    }
    DataStream<Slip> even = slips.filter(slip -> slip.item.number() % 2 == 0).map(Slip::marked);
    DataStream<Slip> odd = slips.map(Slip::marked).filter(slip -> slip.item.number() % 2 != 0);
    if (chance.nextInt(3) == 0) {
      odd = odd.rebalance();
    }
    DataStream<Item> all = even.map(Slip::taken).union(odd.map(Slip::taken));
    return chance.nextBoolean()
        ? all
        : all.union(slips.map(Slip::marked).filter(slip -> slip.marks > 1).map(Slip::taken));
  }

  private static Slip slip(Item item) {
    var slip = new Slip();
    slip.item = item;
    return slip;
  }

  private Forked() {}
}
