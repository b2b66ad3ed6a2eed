package io.millrace.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.HeapStateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** State under keys from one parallelism to another and on, by way of manifests. */
class RescaleTest {
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);
  private static final ListStateDescriptor<Long> SEEN =
      new ListStateDescriptor<>("seen", Long.class);

  @Test
  void anySequenceOfRescalesKeepsStateTimersCommittablesAndAccumulators() {
    for (int seed = 0; seed < 60; seed++) {
      var random = new Random(seed);
      int max = 1 + random.nextInt(40);
      var model = new TreeMap<String, Long>();
      long committable = 0;
      var promised = new ArrayList<Long>();
      List<SubtaskState> left = List.of();
      for (int life = 0; life < 6; life++) {
        int parallelism = 1 + random.nextInt(max);
        JobPlan plan = plan(parallelism, max);
        RestoredStates restored =
            left.isEmpty()
                ? RestoredStates.NONE
                : RestoredStates.divide(plan, manifest(left), false);
        var next = new ArrayList<SubtaskState>();
        var given = new ArrayList<Long>();
        var counted = new ArrayList<Long>();
        var stores = new ArrayList<HeapStateStore>();
        for (int subtask = 0; subtask < parallelism; subtask++) {
          HeapStateStore store = store(subtask, parallelism, max);
          for (SubtaskState state : restored.of(plan.chains().get(0), subtask)) {
            state.committables().forEach(each -> given.add(each.checkpoint()));
            state.accumulators().forEach(each -> counted.add(Long.valueOf(each.name())));
            state.keyed().ifPresent(keyed -> store.restore(((StateBytes.Inline) keyed).bytes()));
          }
          stores.add(store);
        }
        assertThat(given.stream().sorted().toList()).isEqualTo(promised);
        assertThat(counted.stream().sorted().toList()).isEqualTo(promised);
        checkState(stores, model, parallelism, max);

        for (int i = 0; i < 50; i++) {
          String key = "k" + random.nextInt(60);
          HeapStateStore store = stores.get(subtaskOf(key, parallelism, max));
          store.setCurrentKey(key);
          long now = model.merge(key, 1L, Long::sum);
          store.value(COUNT).update(now);
          store.list(SEEN).add(now);
          store.setTimer(TimerDomain.EVENT_TIME, 1_000 + now);
        }
        promised.clear();
        for (int subtask = 0; subtask < parallelism; subtask++) {
          byte[] bytes = stores.get(subtask).freeze().write();
          promised.add(++committable);
          next.add(
              new SubtaskState(
                  "op",
                  subtask,
                  parallelism,
                  max,
                  Optional.empty(),
                  List.of(new Committable(committable, new byte[0])),
                  Optional.of(new StateBytes.Inline(bytes, StateBytes.crcOf(bytes))),
                  List.of(),
                  List.of(),
                  List.of(new AccumulatorState("" + committable, new byte[0]))));
        }
        left = next;
      }
    }
  }

  private static void checkState(
      List<HeapStateStore> stores, TreeMap<String, Long> model, int parallelism, int max) {
    long entries = 0;
    for (HeapStateStore store : stores) {
      store.value(COUNT);
      store.list(SEEN);
      entries += store.entryCount();
    }
    assertThat(entries).isEqualTo(2L * model.size());
    model.forEach(
        (key, count) -> {
          HeapStateStore store = stores.get(subtaskOf(key, parallelism, max));
          store.setCurrentKey(key);
          assertThat(store.value(COUNT).value()).isEqualTo(count);
          assertThat(store.list(SEEN).get()).hasSize(count.intValue());
          for (long time = 1; time <= count; time++) {
            store.deleteTimer(TimerDomain.EVENT_TIME, 1_000 + time);
          }
          for (long time = 1; time <= count; time++) {
            store.setTimer(TimerDomain.EVENT_TIME, 1_000 + time);
          }
        });
    var timers = new TreeMap<String, Long>();
    for (HeapStateStore store : stores) {
      var fired = new ArrayList<Object[]>();
      while (store.fireNext(TimerDomain.EVENT_TIME, Long.MAX_VALUE)) {
        fired.add(new Object[] {store.currentKey(), store.firedTime()});
        timers.merge((String) store.currentKey(), 1L, Long::sum);
      }
      for (Object[] timer : fired) {
        store.setCurrentKey(timer[0]);
        store.setTimer(TimerDomain.EVENT_TIME, (long) timer[1]);
      }
    }
    assertThat(timers).isEqualTo(model);
  }

  private static int subtaskOf(String key, int parallelism, int max) {
    int group = KeyGroups.groupOf(keys().hash(key), max);
    return KeyGroups.subtaskOf(group, parallelism, max);
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> keys() {
    return (Serializer<Object>) (Serializer<?>) Serializers.of(String.class);
  }

  private static HeapStateStore store(int subtask, int parallelism, int max) {
    return HeapStateStore.create(
        keys(),
        KeyGroups.firstOf(subtask, parallelism, max),
        KeyGroups.firstOf(subtask + 1, parallelism, max) - 1,
        max,
        RescaleTest.class.getClassLoader());
  }

  private static JobPlan plan(int parallelism, int max) {
    var vertex =
        new Vertex(
            "op",
            "op",
            Vertex.Role.OPERATOR,
            new UserCode("", new byte[0]),
            parallelism,
            max,
            "default",
            false,
            false,
            false,
            List.of());
    return JobPlan.of(
        new JobGraph("job", List.of(vertex), List.of(), Map.of()), Configuration.EMPTY);
  }

  private static Manifest manifest(List<SubtaskState> states) {
    return new Manifest(
        new JobId("0".repeat(32)), "0123456789abcdef", new Epoch(1, 1), 1, 5, 0, false, states);
  }
}
