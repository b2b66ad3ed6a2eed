package io.millrace.runtime.taskmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.EdgeCode;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.Exchange.Peer;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.PlannedEdge;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.task.LocalDisk;
import io.millrace.runtime.task.StateStores;
import io.millrace.runtime.task.TaskBlueprint;
import io.millrace.runtime.task.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Puts a task together from what was loaded, and opens its channels. */
record Assembly(
    AttemptId attempt,
    Preparation loaded,
    Exchange exchange,
    StateStores stores,
    LocalDisk disk,
    Waker waker,
    Watch watch) {
  private static final int FIRST_GENERATION = 1;

  TaskBlueprint blueprint(RandomGenerator random) {
    return new TaskBlueprint(
        attemptName(),
        attempt.generation() - FIRST_GENERATION,
        new TaskBlueprint.Job(
            attempt.job().hex(),
            loaded.plan().graph().name(),
            loaded.deploy().spec().lineage(),
            loaded.cached()),
        loaded.chain(),
        attempt.subtask(),
        loaded.parts(),
        inputs(),
        fused(),
        outputs(),
        loaded.plan().settings(),
        stores,
        disk,
        waker,
        watch,
        loaded.loader(),
        random);
  }

  /** The epoch makes it unique even where a new JobManager counts generations anew. */
  private String attemptName() {
    return attempt.job()
        + "-"
        + loaded.deploy().epoch().label()
        + "-"
        + attempt.generation()
        + "-"
        + attempt.chain()
        + "-"
        + attempt.subtask();
  }

  private List<TaskBlueprint.Input> inputs() {
    var inputs = new ArrayList<TaskBlueprint.Input>();
    for (PlannedEdge edge : loaded.inputs()) {
      var channels = new ArrayList<InChannel>();
      for (int producer : edge.producersOf(attempt.subtask())) {
        ChannelSpec spec = spec(edge, producer, attempt.subtask());
        channels.add(exchange.openIn(spec, peer(edge.producer(), producer), waker));
      }
      inputs.add(
          new TaskBlueprint.Input(
              edge.edge().input(),
              loaded.plan().idOf(edge),
              edge.edge().partitioning(),
              code(edge),
              channels,
              loaded.inFlight().get(loaded.plan().idOf(edge))));
    }
    return inputs;
  }

  private List<TaskBlueprint.Fused> fused() {
    var fused = new ArrayList<TaskBlueprint.Fused>();
    for (PlannedEdge edge : loaded.inside()) {
      EdgeId id = loaded.plan().idOf(edge);
      fused.add(
          new TaskBlueprint.Fused(
              edge.edge().sideOutput(), id, code(edge), loaded.inFlight().get(id)));
    }
    return fused;
  }

  private List<TaskBlueprint.Output> outputs() {
    var outputs = new ArrayList<TaskBlueprint.Output>();
    for (PlannedEdge edge : loaded.outputs()) {
      var channels = new ArrayList<OutChannel>();
      for (int consumer : edge.consumersOf(attempt.subtask())) {
        ChannelSpec spec = spec(edge, attempt.subtask(), consumer);
        channels.add(exchange.openOut(spec, peer(edge.consumer(), consumer), waker));
      }
      outputs.add(
          new TaskBlueprint.Output(
              edge.edge().sideOutput(),
              loaded.plan().idOf(edge),
              edge.edge().partitioning(),
              code(edge),
              loaded.plan().chains().get(edge.consumer()).maxParallelism(),
              channels));
    }
    return outputs;
  }

  private EdgeCode<Object, Object> code(PlannedEdge edge) {
    return loaded.edges().get(edge.index()).code();
  }

  private ChannelSpec spec(PlannedEdge edge, int producer, int consumer) {
    return new ChannelSpec(
        new ChannelId(
            attempt.job().hex(),
            attempt.region(),
            attempt.generation(),
            edge.index(),
            producer,
            consumer),
        loaded.edges().get(edge.index()).records(),
        loaded.loader(),
        loaded.plan().settings().get(JobSettings.CHANNEL_BATCHES));
  }

  private Peer peer(int chain, int subtask) {
    Deploy deploy = loaded.deploy();
    TaskManagerLocation location =
        deploy.locations().get(deploy.placement().get(chain).get(subtask));
    return new Peer(location.id().value(), location.host(), location.dataPort());
  }
}
