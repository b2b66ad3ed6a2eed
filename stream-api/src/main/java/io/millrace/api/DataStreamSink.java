package io.millrace.api;

/**
 * The end of a stream; its setters are about the sink.
 *
 * @param <T> records
 */
public final class DataStreamSink<T> {
  private final Node node;

  DataStreamSink(Node node) {
    this.node = node;
  }

  /** See {@link SingleOutputStreamOperator#name}. */
  public DataStreamSink<T> name(String name) {
    node.setName(name);
    return this;
  }

  /**
   * A longer text for people, where a name is to stay short. Nothing shows it yet.
   *
   * @param description not blank
   */
  public DataStreamSink<T> setDescription(String description) {
    node.setDescription(description);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#uid}. */
  public DataStreamSink<T> uid(String uid) {
    node.setUid(uid);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#setParallelism}. */
  public DataStreamSink<T> setParallelism(int parallelism) {
    node.setParallelism(parallelism);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#setMaxParallelism}. */
  public DataStreamSink<T> setMaxParallelism(int maxParallelism) {
    node.setMaxParallelism(maxParallelism);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#slotSharingGroup(String)}. */
  public DataStreamSink<T> slotSharingGroup(String group) {
    node.setSlotSharingGroup(group);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#slotSharingGroup(SlotSharingGroup)}. */
  public DataStreamSink<T> slotSharingGroup(SlotSharingGroup group) {
    node.setSlotSharingGroup(group);
    return this;
  }

  /** See {@link SingleOutputStreamOperator#disableChaining}. */
  public DataStreamSink<T> disableChaining() {
    node.chainHead = true;
    node.chainTail = true;
    return this;
  }

  Node node() {
    return node;
  }
}
