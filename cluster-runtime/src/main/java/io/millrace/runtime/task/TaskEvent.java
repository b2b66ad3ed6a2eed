package io.millrace.runtime.task;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.operator.Completion;
import io.millrace.api.operator.Frozen;
import io.millrace.runtime.state.FrozenState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a task tells whoever runs it. */
public sealed interface TaskEvent {
  /** All operators are open and restored. */
  record Opened() implements TaskEvent {}

  /**
   * A checkpoint reached the task: its state is cut and waits to be turned into bytes.
   *
   * @param savepoint directory that it is to be written to; empty for the job's own
   */
  record Cut(long checkpoint, String savepoint, List<OperatorCut> operators, InFlightCut inFlight)
      implements TaskEvent {
    /** Of which nothing was in flight. */
    public Cut(long checkpoint, String savepoint, List<OperatorCut> operators) {
      this(checkpoint, savepoint, operators, InFlightCut.NOTHING);
    }

    /** Nobody will write it, or all of it is written. */
    public void discard() {
      for (OperatorCut operator : operators) {
        operator.own().discard();
        operator.keyed().ifPresent(FrozenState::discard);
      }
      inFlight.release.run();
    }
  }

  /**
   * What the checkpoint's barrier has overtaken here.
   *
   * @param release gives back what holds it; on any thread, as often as one likes
   */
  record InFlightCut(List<FrozenChannel> channels, Runnable release) {
    static final InFlightCut NOTHING = new InFlightCut(List.of(), () -> {});
  }

  /**
   * @param own the operator's own state
   * @param accumulators turns those into bytes; to be called off the task's thread
   * @param keyed serialises the frozen state under its keys; to be called once, off the task's
   *     thread
   */
  record OperatorCut(
      String uid,
      int parallelism,
      int maxParallelism,
      Frozen own,
      Optional<FrozenState> keyed,
      Supplier<List<AccumulatorState>> accumulators) {
    /** Without accumulators. */
    public OperatorCut(
        String uid, int parallelism, int maxParallelism, Frozen own, Optional<FrozenState> keyed) {
      this(uid, parallelism, maxParallelism, own, keyed, List::of);
    }
  }

  /**
   * Somebody should run {@link Completion#commit} and answer with {@link TaskCommand.CommitDone}.
   */
  record CommitWanted(long checkpoint, Completion work) implements TaskEvent {}

  /** Everything up to this checkpoint is committed. */
  record Committed(long checkpoint) implements TaskEvent {}

  /**
   * How far a reader has come that is aligned with others; at intervals.
   *
   * @param watermark the highest there is if nobody is to wait for it
   */
  record Reached(long watermark) implements TaskEvent {}

  /** All input is read and all output emitted. */
  record EndOfData() implements TaskEvent {}

  /** What its operators have measured, those that have measured something. */
  record Measured(List<Measurement> operators) implements TaskEvent {
    public Measured {
      operators = List.copyOf(operators);
    }
  }

  /**
   * @param operator its name
   * @param values numbers and texts, by name of the metric
   */
  record Measurement(String operator, Map<String, Object> values) {}

  /** The task has ended as it was told to. */
  record Ended() implements TaskEvent {}

  /**
   * The task has ended by itself.
   *
   * @param operator whose call failed; empty if none was at work
   */
  record Failed(String operator, Throwable cause) implements TaskEvent {}
}
