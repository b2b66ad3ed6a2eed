package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.graph.Combination;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Window;
import java.util.Optional;

/** The operators of windows. All of them run behind a {@code keyBy}. */
public final class WindowOperators {
  /** Name of the counter of records that came too late for all their windows. */
  public static final String LATE_RECORDS_DROPPED = "numLateRecordsDropped";

  /**
   * Name of the state of windows, whether they are kept each for itself or put together of slices:
   * what one kind has left the other cannot read, and must not leave lying.
   */
  public static final String WINDOWS = "windows/contents";

  /** Name of the state of records of windows that keep all of theirs. */
  public static final String RECORDS = "windows/records";

  /** What the names of states of triggers begin with. */
  static final String TRIGGER = "trigger/";

  /** What the names of states of windows begin with. */
  static final String OF_WINDOW = "window/";

  /** Name of the state that says how far event time had come. */
  static final String EVENT_TIME = OF_WINDOW + "event-time";

  /** Name of the state that says how far the windows of key groups are moved. */
  static final String STAGGER = OF_WINDOW + "stagger";

  /** Windows that keep one record, joined from all. */
  public static <K, T, O, W extends Window> OperatorFactory<T, O> reduce(
      WindowSpec<T, W> spec,
      ReduceFunction<T> function,
      TypeInformation<T> type,
      WindowCall<K, W, T, O> call) {
    return factory(spec, new Contents.Reduced<>(function, type), type, call);
  }

  /** Windows that keep an accumulator. */
  public static <K, T, A, V, O, W extends Window> OperatorFactory<T, O> aggregate(
      WindowSpec<T, W> spec,
      AggregateFunction<T, A, V> function,
      TypeInformation<A> accumulatorType,
      TypeInformation<T> type,
      WindowCall<K, W, V, O> call) {
    return factory(spec, new Contents.Aggregated<>(function, accumulatorType), type, call);
  }

  /** Windows that keep all their records. */
  public static <K, T, O, W extends Window> OperatorFactory<T, O> list(
      WindowSpec<T, W> spec, TypeInformation<T> type, WindowCall<K, W, T, O> call) {
    return factory(spec, new Contents.Listed<>(type), type, call);
  }

  /**
   * How records may be aggregated in front of the edges to windows, if they may: windows of regular
   * intervals of event time that are joined from parts anyway, take no late records, and fire when
   * they end.
   *
   * @param factory of one of the methods above
   * @param what the operator is, for people
   */
  @SuppressWarnings("unchecked") // its records have keys of K
  public static <K, T> Optional<Combination> combination(
      OperatorFactory<T, ?> factory,
      KeySelector<T, K> keys,
      TypeInformation<K> keyType,
      String what) {
    return factory instanceof WindowFactory<?, T, ?, ?, ?, ?> windows
        ? ((WindowFactory<K, T, ?, ?, ?, ?>) windows).combination(keys, keyType, what)
        : Optional.empty();
  }

  private static <K, T, A, V, O, W extends Window> OperatorFactory<T, O> factory(
      WindowSpec<T, W> spec,
      Contents<T, A, V, W> contents,
      TypeInformation<T> type,
      WindowCall<K, W, V, O> call) {
    if (spec.evictor() == null) {
      return new WindowFactory<>(spec, contents, call, type, true);
    }
    return new WindowFactory<>(
        spec, new Contents.Evicted<>(contents, spec.evictor(), type), call, type, true);
  }

  private WindowOperators() {}
}
