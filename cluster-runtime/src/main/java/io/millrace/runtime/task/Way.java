package io.millrace.runtime.task;

import io.millrace.api.function.KeySelector;
import io.millrace.api.graph.Edge;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.PlannedEdge;
import java.util.ArrayList;
import java.util.List;

/**
 * A channel to a task, and what its records need.
 *
 * @param second whether they go to the head's second input
 * @param selector {@code null} where records have no key
 * @param mayBeOvertaken whether the task may cut before this channel has brought the barrier
 * @param producer subtask at the other end, where all are connected with all
 */
record Way(
    InChannel channel,
    boolean second,
    KeySelector<Object, Object> selector,
    Serializer<Object> records,
    Edge.Partitioning partitioning,
    EdgeId edge,
    int producer,
    int producers,
    boolean mayBeOvertaken) {

  static List<Way> of(List<TaskBlueprint.Input> inputs, boolean cutsAhead, ClassLoader loader) {
    var ways = new ArrayList<Way>();
    for (TaskBlueprint.Input input : inputs) {
      Serializer<Object> records = input.code().type().serializer(loader);
      // A combiner in front of a keyed edge gets the records along a plain one.
      boolean keyed = input.partitioning() == Edge.Partitioning.KEY_GROUP;
      for (int producer = 0; producer < input.channels().size(); producer++) {
        ways.add(
            new Way(
                input.channels().get(producer),
                input.input() == 1,
                keyed ? input.code().key() : null,
                records,
                input.partitioning(),
                input.edge(),
                producer,
                input.channels().size(),
                cutsAhead && PlannedEdge.mayBeOvertaken(input.partitioning())));
      }
    }
    return List.copyOf(ways);
  }
}
