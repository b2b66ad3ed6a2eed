package io.millrace.runtime.task;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Vertex;
import io.millrace.api.metrics.Metrics;
import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.WaitingOperator;
import io.millrace.api.state.KeyedStateAccess;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.plan.KeyGroups;
import io.millrace.runtime.state.FrozenState;
import io.millrace.runtime.state.StateStore;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/** One operator of a chain, and what it may know. */
final class Link implements OperatorContext {
  final Operator<Object, Object> operator;
  final LinkOutput output;

  /** The operator if records may wait in it; else {@code null}. */
  final WaitingOperator<Object, Object> waiting;

  /** State under keys, once it is open; {@code null} unless this is the head behind a keyBy. */
  StateStore store;

  long currentWatermark = Timestamps.MIN_WATERMARK;

  private final Accumulators accumulators;
  private final Metrics metrics = new Metrics();
  private final Vertex vertex;
  private final TaskBlueprint.Restored restored;
  private final TaskBlueprint blueprint;
  private final Chain chain;
  private final boolean head;

  Link(
      TaskBlueprint.Part part,
      Operator<Object, Object> operator,
      boolean head,
      LinkOutput output,
      TaskBlueprint blueprint,
      Chain chain) {
    this.vertex = part.vertex();
    this.restored = part.restored();
    this.operator = operator;
    this.waiting =
        operator instanceof WaitingOperator ? (WaitingOperator<Object, Object>) operator : null;
    this.head = head;
    this.output = output;
    this.blueprint = blueprint;
    this.chain = chain;
    this.accumulators = new Accumulators(restored.accumulators(), blueprint.loader());
  }

  void open() {
    try {
      store = head ? chain.store(keyGroups(), restored.captured()) : null;
      if (store != null) {
        store.clock(chain::wallMillis);
        for (Iterable<byte[]> parts : restored.keyed()) {
          parts.forEach(store::restore);
        }
      } else if (!restored.keyed().isEmpty() || !restored.captured().isEmpty()) {
        throw new IllegalStateException(
            "'"
                + vertex.name()
                + "' has state under keys in the checkpoint, but no keyBy in front; give what it is"
                + " now another uid");
      }
      operator.open(this, output);
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  /** A record from the link before this one. */
  void process(Object value, long timestamp) {
    try {
      operator.process(value, timestamp);
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  /** A watermark from the link before this one. */
  void watermark(long watermark) {
    currentWatermark = watermark;
    try {
      operator.watermark(watermark, output);
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  void idle(boolean idle) {
    try {
      operator.idle(idle, output);
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  void wakeIfDue(long monotonicMillis) {
    try {
      if (operator.nextWakeMillis() <= monotonicMillis) {
        operator.wake(monotonicMillis);
      }
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  /**
   * Lets what has waited in the operator go on; false if nothing is ready, as in most operators.
   */
  boolean resume() {
    if (waiting == null) {
      return false;
    }
    try {
      return waiting.resume();
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  /** Whether output that the operator holds back is still to come. */
  boolean holdsAny() {
    return waiting != null && waiting.holdsAny();
  }

  /** Gives up the state, open or not. */
  void closeState() {
    if (store != null) {
      store.close();
    } else {
      restored.discard();
    }
  }

  TaskEvent.OperatorCut cut(long checkpoint, Purpose purpose) {
    try {
      return new TaskEvent.OperatorCut(
          vertex.uid(),
          parallelism(),
          maxParallelism(),
          operator.snapshot(checkpoint),
          store == null ? Optional.empty() : Optional.of(frozen(purpose)),
          accumulators.freeze());
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  /** Savepoints are for every kind of store. */
  private FrozenState frozen(Purpose purpose) {
    boolean portable =
        purpose.kind() != Purpose.Kind.CHECKPOINT
            || !blueprint.settings().get(JobSettings.INCREMENTAL);
    return portable ? store.freeze() : store.capture();
  }

  void endOfInput() {
    try {
      operator.endOfInput();
    } catch (Exception | Error e) {
      throw chain.failed(this, e);
    }
  }

  RuntimeException failed(Throwable cause) {
    return chain.failed(this, cause);
  }

  @Override
  public String operatorName() {
    return vertex.name();
  }

  @Override
  public String uid() {
    return vertex.uid();
  }

  @Override
  public int subtask() {
    return blueprint.subtask();
  }

  @Override
  public int parallelism() {
    return blueprint.chain().parallelism();
  }

  @Override
  public int maxParallelism() {
    return blueprint.chain().maxParallelism();
  }

  @Override
  public KeyGroupRange keyGroups() {
    return new KeyGroupRange(
        KeyGroups.firstOf(subtask(), parallelism(), maxParallelism()),
        KeyGroups.firstOf(subtask() + 1, parallelism(), maxParallelism()) - 1);
  }

  @Override
  public String attemptName() {
    return blueprint.attemptName();
  }

  @Override
  public String jobId() {
    return blueprint.job().id();
  }

  @Override
  public String jobName() {
    return blueprint.job().name();
  }

  @Override
  public int attemptNumber() {
    return blueprint.attemptNumber();
  }

  @Override
  public DistributedCache files() {
    return blueprint.job().files();
  }

  @Override
  public Configuration settings() {
    return blueprint.settings();
  }

  @Override
  public String lineage() {
    return blueprint.job().lineage();
  }

  @Override
  public List<byte[]> restored() {
    return restored.own();
  }

  @Override
  public List<OperatorState> restoredStates() {
    return restored.states();
  }

  @Override
  public OptionalLong restoredCheckpoint() {
    return restored.checkpoint();
  }

  @Override
  public List<Committable> restoredCommittables() {
    return restored.committables();
  }

  @Override
  public KeyedStateAccess keyed() {
    if (store == null) {
      throw new IllegalStateException(
          "'" + vertex.name() + "' has no keyed state or timers; put it directly behind keyBy");
    }
    return store;
  }

  @Override
  public long processingTimeMillis() {
    return chain.wallMillis();
  }

  @Override
  public long monotonicMillis() {
    return blueprint.watch().monotonicMillis();
  }

  @Override
  public long currentWatermark() {
    return currentWatermark;
  }

  @Override
  public Metrics metrics() {
    return metrics;
  }

  @Override
  public Accumulators accumulators() {
    return accumulators;
  }

  @Override
  public Runnable waker() {
    return blueprint.waker()::wake;
  }

  @Override
  public RandomGenerator random() {
    return blueprint.random();
  }

  @Override
  public ClassLoader userClassLoader() {
    return blueprint.loader();
  }
}
