package io.millrace.runtime.task;

import io.millrace.api.graph.EdgeCode;
import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.KeyGroups;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * What was in flight when the checkpoint was taken that a task is restored from. The task takes it
 * before anything new.
 */
final class Replay {
  private final TaskBlueprint blueprint;
  private final ArrayDeque<Source> sources = new ArrayDeque<>();
  private final ArrayDeque<Element> elements = new ArrayDeque<>();
  private Source current;

  /**
   * One restored channel of one edge.
   *
   * @param way as {@link #way} says
   */
  private record Source(
      EdgeId edge,
      EdgeCode<Object, Object> code,
      TaskBlueprint.InFlightChannel channel,
      Iterator<byte[]> parts,
      int way) {}

  private Replay(TaskBlueprint blueprint) {
    this.blueprint = blueprint;
  }

  /**
   * To the head of the task's chain; {@code null} if there was nothing. A way is the number of the
   * channel that it was, or of any of its input's if there is no such any more.
   */
  static Replay ofInputs(TaskBlueprint blueprint) {
    var replay = new Replay(blueprint);
    int firstWay = 0;
    for (TaskBlueprint.Input input : blueprint.inputs()) {
      for (TaskBlueprint.InFlightChannel channel : input.inFlight()) {
        int way = firstWay + (channel.unchanged() ? channel.producer() : 0);
        replay.add(input.edge(), input.code(), channel, way);
      }
      firstWay += input.channels().size();
    }
    return replay.sources.isEmpty() ? null : replay;
  }

  /**
   * Between operators that are fused now; {@code null} if there was nothing. A way is the position
   * of the operator that takes it; the last one comes first, as what was further on is older.
   */
  static Replay insideOf(TaskBlueprint blueprint) {
    var replay = new Replay(blueprint);
    for (int i = blueprint.fused().size() - 1; i >= 0; i--) {
      TaskBlueprint.Fused fused = blueprint.fused().get(i);
      for (TaskBlueprint.InFlightChannel channel : fused.inFlight()) {
        replay.add(fused.edge(), fused.code(), channel, i + 1);
      }
    }
    return replay.sources.isEmpty() ? null : replay;
  }

  private void add(
      EdgeId edge, EdgeCode<Object, Object> code, TaskBlueprint.InFlightChannel channel, int way) {
    sources.add(new Source(edge, code, channel, channel.parts().iterator(), way));
  }

  /** The next element; {@code null} if all are taken. */
  Element poll() {
    while (elements.isEmpty()) {
      if (current == null || !current.parts.hasNext()) {
        current = sources.poll();
        if (current == null) {
          return null;
        }
      } else {
        FrozenChannel.read(
            current.parts.next(),
            current.edge,
            current.code.type().serializer(blueprint.loader()),
            blueprint.loader(),
            this::add);
      }
    }
    return elements.poll();
  }

  /** Where the element belongs that {@link #poll} returned last. */
  int way() {
    return current.way;
  }

  private void add(Element element) {
    if (element instanceof Element.Due due) {
      addMine(due);
    } else if (!(element instanceof Batch batch)) {
      if (current.channel.unchanged()) {
        elements.add(element);
      }
    } else if (current.channel.divided()) {
      Batch mine = mine(batch);
      if (mine.size() > 0) {
        elements.add(mine);
      }
    } else {
      elements.add(batch);
    }
  }

  private void addMine(Element.Due due) {
    ChainPlan chain = blueprint.chain();
    int subtask = blueprint.subtask();
    int from = KeyGroups.firstOf(subtask, chain.parallelism(), chain.maxParallelism());
    int end = KeyGroups.firstOf(subtask + 1, chain.parallelism(), chain.maxParallelism());
    int first = Math.max(from, due.groups().first());
    int last = Math.min(end - 1, due.groups().last());
    if (first <= last) {
      elements.add(new Element.Due(new KeyGroupRange(first, last), due.watermark()));
    }
  }

  /** Records whose key's group is this subtask's now. */
  private Batch mine(Batch batch) {
    ChainPlan chain = blueprint.chain();
    Serializer<Object> keys = current.code.keyType().serializer(blueprint.loader());
    var values = new Object[batch.size()];
    var timestamps = new long[batch.size()];
    int size = 0;
    for (int i = 0; i < batch.size(); i++) {
      int group = KeyGroups.groupOf(keys.hash(key(batch.value(i))), chain.maxParallelism());
      if (KeyGroups.subtaskOf(group, chain.parallelism(), chain.maxParallelism())
          == blueprint.subtask()) {
        values[size] = batch.value(i);
        timestamps[size++] = batch.timestamp(i);
      }
    }
    return new Batch(values, timestamps, size);
  }

  private Object key(Object value) {
    try {
      return current.code.key().getKey(value);
    } catch (Exception e) {
      throw OperatorFailedException.at(blueprint.parts().get(0).vertex().name(), e);
    }
  }
}
