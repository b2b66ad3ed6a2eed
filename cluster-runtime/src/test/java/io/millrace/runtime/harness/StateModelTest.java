package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.harness.AllStates.Deed;
import io.millrace.runtime.harness.AllStates.Life;
import io.millrace.runtime.harness.AllStates.Order;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * State of every kind, with every time to live, against a {@link StateModel}, in random lives of a
 * job: each goes through restarts with any parallelism from 1 to the highest and back, each time in
 * one or the other store.
 */
class StateModelTest {
  private static final int MAX_PARALLELISM = 8;

  @Test
  void stateOnTheHeapAndInRowsIsWhatTheModelSays() {
    for (long seed = 1; seed <= 40; seed++) {
      live(seed, true);
    }
  }

  @Test
  void stateOnTheHeapAndInRocksDbIsWhatTheModelSays() {
    for (long seed = 1_001; seed <= 1_004; seed++) {
      live(seed, false);
    }
  }

  @Test
  @Tag("long")
  void soItIsInManyMoreLives() {
    for (long seed = 10_001; seed <= 12_000; seed++) {
      live(seed, true);
    }
    for (long seed = 20_001; seed <= 20_100; seed++) {
      live(seed, false);
    }
  }

  private static void live(long seed, boolean rowsInMemory) {
    try (var harness = new OperatorHarness()) {
      new Lives(seed, harness, rowsInMemory).live();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private static final class Lives {
    private final SplittableRandom chance;
    private final OperatorHarness harness;
    private final Input<Order> orders;
    private final Input<Order> rules;
    private final Output<String> answers;
    private final StringBuilder history = new StringBuilder();
    private StateModel model = new StateModel();
    private int parallelism = 1;
    private long watermark;

    /** What most orders are about for a while, so that some are about what others have left. */
    private String key = "k0";

    private Life life = Life.FOR_EVER;
    private List<Deed> deeds = List.of(Deed.values());

    Lives(long seed, OperatorHarness harness, boolean rowsInMemory) {
      this.chance = new SplittableRandom(seed);
      this.harness = harness;
      harness.set("state.backend.type", backend());
      harness.set("pipeline.max-parallelism", "" + MAX_PARALLELISM);
      // Too little for all, so that what is in use is not all that there is.
      harness.set("state.backend.rocksdb.object-cache.size", "3 kb");
      if (rowsInMemory) {
        harness.keepRowsInMemory();
      }
      orders = harness.input(Order.class);
      rules = harness.input(Order.class);
      answers =
          harness.output(
              orders.stream()
                  .keyBy(Order::key)
                  .connect(rules.stream().broadcast(AllStates.RULES))
                  .process(new AllStates()));
      harness.open();
    }

    private String backend() {
      String drawn = chance.nextBoolean() ? "hashmap" : "rocksdb";
      history.append(' ').append(drawn);
      return drawn;
    }

    /** From 1 to many, to as many as can be, and back, with others in between. */
    void live() {
      someSteps();
      for (int next : new int[] {any(), MAX_PARALLELISM, any(), 1, any()}) {
        Snapshot snapshot = harness.snapshot();
        StateModel then = model.restored();
        if (chance.nextBoolean()) {
          someSteps(); // which are lost
        }
        history.append(" x").append(next);
        boolean divided = parallelism != next;
        parallelism = next;
        harness.restore(snapshot, next, backend());
        model = then;
        harness.setProcessingTime(harness.processingTime());
        check("restore", model.fire(false, harness.processingTime()));
        checkParts(divided);
        someSteps();
      }
    }

    private int any() {
      return 1 + chance.nextInt(MAX_PARALLELISM);
    }

    private void someSteps() {
      for (int i = chance.nextInt(120); i >= 0; i--) {
        int what = chance.nextInt(30);
        if (what == 0) {
          watermark += chance.nextInt(20);
          rules.processWatermark(watermark);
          orders.processWatermark(watermark);
          check("watermark", model.fire(true, watermark));
        } else if (what < 7) {
          long time = harness.processingTime() + chance.nextInt(60);
          harness.setProcessingTime(time);
          check("time", model.fire(false, time));
        } else if (what == 7) {
          Order rule = order();
          rules.processElement(rule);
          sizes();
          check("rule", model.rule(rule, parallelism));
        } else {
          Order order = order();
          orders.processElement(order);
          check("order", List.of(model.process(order, harness.processingTime())));
        }
      }
    }

    private Deed anyDeed() {
      return Deed.values()[chance.nextInt(Deed.values().length)];
    }

    private Order order() {
      if (chance.nextInt(20) == 0) {
        key = "k" + chance.nextInt(chance.nextBoolean() ? 4 : 40);
        life = Life.values()[chance.nextInt(3)];
        deeds = chance.nextInt(4) == 0 ? List.of(Deed.values()) : Deed.likeEachOther(anyDeed());
      }
      Deed deed = deeds.get(chance.nextInt(deeds.size()));
      long number =
          switch (deed) {
            case EVENT_TIMER, NO_EVENT_TIMER -> watermark + 1 + chance.nextInt(40);
            case PROCESSING_TIMER, NO_PROCESSING_TIMER ->
                harness.processingTime() + 1 + chance.nextInt(200);
            default -> chance.nextInt(1_000);
          };
      return new Order(key, deed, life, "e" + chance.nextInt(2), number);
    }

    /** A list that is divided anew goes to the subtasks in parts of about the same size. */
    private void checkParts(boolean divided) {
      Order rule = order();
      rules.processElement(rule);
      List<Long> sizes = sizes();
      assertThat(sizes).hasSize(parallelism);
      if (divided) {
        long least = sizes.stream().mapToLong(size -> size).min().orElseThrow();
        assertThat(sizes).as("parts").allMatch(size -> size - least <= 1);
      }
      check("rule after a restore", model.rule(rule, parallelism));
    }

    private final List<String> said = new ArrayList<>();

    private List<Long> sizes() {
      var sizes = new ArrayList<Long>();
      for (String value : answers.values()) {
        if (value.startsWith("size ")) {
          sizes.add(Long.valueOf(value.substring(5)));
        } else {
          said.add(value);
        }
      }
      answers.clear();
      return sizes;
    }

    private void check(String what, List<String> expected) {
      sizes();
      said.sort(null);
      assertThat(said).as("after %s in%s", what, history).isEqualTo(expected);
      said.clear();
    }
  }
}
