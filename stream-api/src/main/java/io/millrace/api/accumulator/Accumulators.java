package io.millrace.api.accumulator;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The accumulators of one operator's subtask. What a checkpoint held is merged into an accumulator
 * when the function adds it again; until then it is carried on as it is.
 */
public final class Accumulators {
  private final ClassLoader loader;
  private final Map<String, Accumulator<?, ?>> added = new LinkedHashMap<>();

  /** By name of the accumulator. Each knows what its values are made of by the first snapshot. */
  private final Map<String, Serializer<Object>> serializers = new LinkedHashMap<>();

  private final List<AccumulatorState> restored;

  /** What {@link #freeze} is to return next; else {@code null}. */
  private Supplier<List<AccumulatorState>> held;

  public Accumulators(List<AccumulatorState> restored, ClassLoader loader) {
    this.restored = new ArrayList<>(restored);
    this.loader = loader;
  }

  /**
   * @throws IllegalStateException if the operator has one of that name
   */
  public void add(String name, Accumulator<?, ?> accumulator) {
    if (added.containsKey(name)) {
      throw new IllegalStateException(
          "there is an accumulator '" + name + "' already; an operator adds each name once");
    }
    for (AccumulatorState state : restored) {
      if (state.name().equals(name)) {
        merge(name, accumulator, read(state, loader));
      }
    }
    restored.removeIf(state -> state.name().equals(name));
    added.put(name, accumulator);
    serializers.put(name, serializer(accumulator.getClass().getClassLoader()));
  }

  /** Null if there is none. */
  public Accumulator<?, ?> get(String name) {
    return added.get(name);
  }

  /**
   * What {@link #freeze} returns next is as of now: for operators whose function adds to them on
   * another thread, which may do so before that is called.
   */
  public void hold() {
    held = copies();
  }

  /** Copies all as they are now; turned into bytes later, while they are added to here. */
  public Supplier<List<AccumulatorState>> freeze() {
    Supplier<List<AccumulatorState>> frozen = held == null ? copies() : held;
    held = null;
    return frozen;
  }

  private Supplier<List<AccumulatorState>> copies() {
    if (added.isEmpty() && restored.isEmpty()) {
      return List::of;
    }
    var copies = new ArrayList<Copy>();
    added.forEach(
        (name, accumulator) ->
            copies.add(new Copy(name, accumulator.clone(), serializers.get(name))));
    var carried = List.copyOf(restored);
    return () -> {
      var all = new ArrayList<>(carried);
      copies.forEach(copy -> all.add(copy.written()));
      return all;
    };
  }

  private record Copy(String name, Accumulator<?, ?> accumulator, Serializer<Object> serializer) {
    AccumulatorState written() {
      var out = DataWriter.describing(64);
      serializer.write(accumulator, out);
      return new AccumulatorState(name, out.toByteArray());
    }
  }

  /**
   * The results of a job, by name.
   *
   * @param states of all its subtasks
   * @param loader of the job's classes
   * @throws IllegalStateException if accumulators of one name are of different kinds
   */
  public static Map<String, Object> results(List<AccumulatorState> states, ClassLoader loader) {
    var merged = new TreeMap<String, Accumulator<?, ?>>();
    for (AccumulatorState state : states) {
      Accumulator<?, ?> next = read(state, loader);
      Accumulator<?, ?> before = merged.putIfAbsent(state.name(), next);
      if (before != null) {
        merge(state.name(), before, next);
      }
    }
    var results = new TreeMap<String, Object>();
    merged.forEach((name, accumulator) -> results.put(name, accumulator.getLocalValue()));
    return results;
  }

  /**
   * The same of a job that has not finished; empty if they cannot be read: that it has not is news
   * enough.
   */
  public static Map<String, Object> resultsIfReadable(
      List<AccumulatorState> states, ClassLoader loader) {
    try {
      return results(states, loader);
    } catch (RuntimeException | LinkageError e) {
      return Map.of();
    }
  }

  @SuppressWarnings("unchecked") // of one class, so of the same values
  private static void merge(String name, Accumulator<?, ?> into, Accumulator<?, ?> other) {
    if (into.getClass() != other.getClass()) {
      throw new IllegalStateException(
          "the accumulator '"
              + name
              + "' is a "
              + into.getClass().getName()
              + " here and a "
              + other.getClass().getName()
              + " elsewhere; give each kind its own name");
    }
    ((Accumulator<Object, Serializable>) into).merge((Accumulator<Object, Serializable>) other);
  }

  private static Accumulator<?, ?> read(AccumulatorState state, ClassLoader loader) {
    return (Accumulator<?, ?>) serializer(loader).read(new DataReader(state.bytes(), loader));
  }

  private static Serializer<Object> serializer(ClassLoader loader) {
    return TypeInformation.dynamic().serializer(loader);
  }
}
