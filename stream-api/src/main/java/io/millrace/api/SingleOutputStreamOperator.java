package io.millrace.api;

import io.millrace.api.function.OutputTag;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import java.util.List;

/**
 * The output of one operator; its setters are about that operator.
 *
 * @param <T> records
 */
public final class SingleOutputStreamOperator<T> extends DataStream<T> {
  private final Node node;

  SingleOutputStreamOperator(StreamExecutionEnvironment environment, Node node) {
    super(environment, List.of(Node.Tap.of(node, null)));
    this.node = node;
  }

  /** For people: in logs, errors and the list of jobs. */
  public SingleOutputStreamOperator<T> name(String name) {
    node.setName(name);
    return this;
  }

  /**
   * A longer text for people, where a name is to stay short. Nothing shows it yet.
   *
   * @param description not blank
   */
  public SingleOutputStreamOperator<T> setDescription(String description) {
    node.setDescription(description);
    return this;
  }

  /**
   * Names the operator's state in checkpoints, so that it is found again when the program has
   * changed. Unique within the job, 1 to 180 characters. By default derived from the operator's
   * kind and position.
   */
  public SingleOutputStreamOperator<T> uid(String uid) {
    node.setUid(uid);
    return this;
  }

  /** The number of subtasks, 1 to 32768; by default the environment's. */
  public SingleOutputStreamOperator<T> setParallelism(int parallelism) {
    node.setParallelism(parallelism);
    return this;
  }

  /** The same as a parallelism of 1. */
  public SingleOutputStreamOperator<T> forceNonParallel() {
    return setParallelism(1);
  }

  /** The number of key groups, 1 to 32768; by default the environment's. */
  public SingleOutputStreamOperator<T> setMaxParallelism(int maxParallelism) {
    node.setMaxParallelism(maxParallelism);
    return this;
  }

  /**
   * Operators of different groups never share a slot. By default the group of the inputs if they
   * agree, else "default".
   */
  public SingleOutputStreamOperator<T> slotSharingGroup(String group) {
    node.setSlotSharingGroup(group);
    return this;
  }

  /**
   * Like {@link #slotSharingGroup(String)}, for a group that may say what its slots need.
   *
   * @throws IllegalArgumentException if a group of that name has said something else before
   */
  public SingleOutputStreamOperator<T> slotSharingGroup(SlotSharingGroup group) {
    node.setSlotSharingGroup(group);
    return this;
  }

  /**
   * How long a record that leaves the operator may wait for its batch to fill; by default the
   * environment's.
   *
   * @param millis 0 for not at all, -1 for as long as the operator is busy, at most a day
   */
  public SingleOutputStreamOperator<T> setBufferTimeout(long millis) {
    node.setBufferTimeout(BufferTimeout.ofMillis(millis));
    return this;
  }

  /** Fused with neither the operators in front nor those behind. */
  public SingleOutputStreamOperator<T> disableChaining() {
    node.chainHead = true;
    node.chainTail = true;
    return this;
  }

  /** Not fused with the operators in front. */
  public SingleOutputStreamOperator<T> startNewChain() {
    node.chainHead = true;
    return this;
  }

  /** The operator's function may wait, so it runs on a thread of its own, not fused with others. */
  public SingleOutputStreamOperator<T> blocking() {
    node.blocking = true;
    return this;
  }

  /** Declares the type of the records. */
  public SingleOutputStreamOperator<T> returns(Class<T> type) {
    return returns(TypeInformation.of(type));
  }

  /** Declares the type of the records: {@code returns(new TypeHint<Tuple2<String, Long>>() {})}. */
  public SingleOutputStreamOperator<T> returns(TypeHint<T> hint) {
    return returns(TypeInformation.of(hint));
  }

  /** Declares the type of the records. */
  public SingleOutputStreamOperator<T> returns(TypeInformation<T> type) {
    node.type = type;
    return this;
  }

  /**
   * What the operator's function puts out with this tag; nothing if it never does. Watermarks and
   * checkpoints come here as they come to the main output.
   *
   * @throws IllegalArgumentException if the id was used for another type at this operator
   */
  public <X> DataStream<X> getSideOutput(OutputTag<X> tag) {
    return new DataStream<>(environment, List.of(node.side(tag)));
  }

  Node node() {
    return node;
  }

  public String getName() {
    return node.name;
  }
}
