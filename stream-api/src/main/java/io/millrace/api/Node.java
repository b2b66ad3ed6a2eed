package io.millrace.api;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.Partitioner;
import io.millrace.api.graph.Combination;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** An operator being drafted; becomes one vertex, or two if it is a source. */
final class Node {
  /** Longest uid of a user's; what is derived from it must fit a vertex too. */
  private static final int MAX_UID = 180;

  private final Draft draft;

  /** Higher than those of its inputs. */
  final long number;

  final String kind;
  final Role role;
  final Supplier<? extends Serializable> code;
  final List<Tap<?>> inputs;
  TypeInformation<?> type;

  String name;
  String uid;
  int parallelism = Vertex.UNDECIDED;
  int maxParallelism = Vertex.UNDECIDED;
  String slotSharingGroup;
  boolean blocking;
  boolean chainHead;
  boolean chainTail;
  List<String> states = List.of();

  /** Asked when the graph is built, as the code is. */
  Supplier<Optional<Combination>> combination = Optional::empty;

  /** Of a source: whose watermarks it waits for, if anybody's. */
  Optional<String> watermarkGroup = Optional.empty();

  /** If it is not as in the whole job. */
  Optional<Duration> bufferTimeout = Optional.empty();

  /** The side outputs that were taken, by id. */
  private final Map<String, OutputTag<?>> sides = new TreeMap<>();

  /** The most subtasks that make sense, with the reason for people; null if there is no limit. */
  String onlyOneBecause;

  /**
   * @param kind what the derived uid is made of; must not change between versions
   * @param code asked when the graph is built, as types may become known until then
   */
  Node(
      Draft draft,
      String kind,
      String name,
      Role role,
      Supplier<? extends Serializable> code,
      List<? extends Tap<?>> inputs,
      TypeInformation<?> type) {
    this.draft = draft;
    this.kind = kind;
    this.name = name;
    this.role = role;
    this.code = code;
    this.inputs = new ArrayList<>(inputs);
    this.type = type;
    number = draft.add(this);
  }

  /**
   * Where records leave a node for another one.
   *
   * @param side the side output that they leave from; null for what is emitted without a tag
   * @param input which of the consumer's inputs they enter, from 0
   * @param partitioning null: forward if the parallelism is the same, else rebalance
   * @param key for KEY_GROUP, else null
   * @param keyType for KEY_GROUP, else null
   * @param partitioner for CUSTOM, else null
   */
  record Tap<T>(
      Node from,
      OutputTag<T> side,
      int input,
      Partitioning partitioning,
      KeySelector<T, ?> key,
      TypeInformation<?> keyType,
      Partitioner<T> partitioner) {
    static <T> Tap<T> of(Node from, OutputTag<T> side) {
      return new Tap<>(from, side, 0, null, null, null, null);
    }

    Tap<T> with(Partitioning other) {
      return new Tap<>(from, side, input, other, null, null, null);
    }

    <K> Tap<T> keyed(KeySelector<T, K> key, TypeInformation<K> keyType) {
      return new Tap<>(from, side, input, Partitioning.KEY_GROUP, key, keyType, null);
    }

    Tap<T> partitioned(Partitioner<T> by) {
      return new Tap<>(from, side, input, Partitioning.CUSTOM, null, null, by);
    }

    Tap<T> keyedAs(TypeInformation<?> otherKeyType) {
      return new Tap<>(from, side, input, partitioning, key, otherKeyType, partitioner);
    }

    Tap<T> into(int otherInput) {
      return new Tap<>(from, side, otherInput, partitioning, key, keyType, partitioner);
    }

    @SuppressWarnings("unchecked") // without a tag it is what the node emits
    TypeInformation<T> type() {
      return side == null ? (TypeInformation<T>) from.type : side.getTypeInfo();
    }
  }

  void setName(String name) {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("the name of an operator must not be blank");
    }
    this.name = name;
  }

  /** Nothing shows it yet, so it is only checked. */
  void setDescription(String description) {
    if (description == null || description.isBlank()) {
      throw new IllegalArgumentException("the description of '" + name + "' must not be blank");
    }
  }

  void setUid(String uid) {
    if (uid == null || uid.isBlank() || uid.length() > MAX_UID) {
      throw new IllegalArgumentException(
          "a uid needs 1 to " + MAX_UID + " characters, found '" + uid + "' at '" + name + "'");
    }
    this.uid = uid;
  }

  void setParallelism(int parallelism) {
    checkCount(parallelism, "parallelism");
    if (onlyOneBecause != null && parallelism > 1) {
      throw new IllegalArgumentException(
          "the parallelism of '"
              + name
              + "' must be 1, found "
              + parallelism
              + ": "
              + onlyOneBecause);
    }
    this.parallelism = parallelism;
  }

  void setMaxParallelism(int maxParallelism) {
    checkCount(maxParallelism, "max parallelism");
    this.maxParallelism = maxParallelism;
  }

  void setBufferTimeout(Duration timeout) {
    bufferTimeout = Optional.of(timeout);
  }

  void setSlotSharingGroup(String group) {
    if (group == null || group.isBlank()) {
      throw new IllegalArgumentException("the slot sharing group of '" + name + "' is blank");
    }
    slotSharingGroup = group;
  }

  void setSlotSharingGroup(SlotSharingGroup group) {
    draft.note(group);
    slotSharingGroup = group.getName();
  }

  <X> Tap<X> side(OutputTag<X> tag) {
    OutputTag<?> other = sides.putIfAbsent(tag.getId(), tag);
    if (other != null && !other.equals(tag)) {
      throw new IllegalArgumentException(
          "the side output '"
              + tag.getId()
              + "' of '"
              + name
              + "' was taken as "
              + other.getTypeInfo().name()
              + " and now as "
              + tag.getTypeInfo().name()
              + "; give each type an id of its own");
    }
    return Tap.of(this, tag);
  }

  private void checkCount(int count, String what) {
    if (count < 1 || count > 32768) {
      throw new IllegalArgumentException(
          "the " + what + " of '" + name + "' must be 1 to 32768, found " + count);
    }
  }
}
