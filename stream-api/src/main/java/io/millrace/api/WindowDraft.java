package io.millrace.api;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.graph.Combination;
import io.millrace.api.graph.UserCode;
import io.millrace.api.operator.Aggregation;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Operators;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.type.TypeExtractor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Windows being described, with or without keys; makes the node once it is said what to compute.
 */
final class WindowDraft<T, K, W extends Window> {
  private final KeyedStream<T, K> stream;

  /** Whether all records are together in one subtask. */
  private final boolean all;

  private WindowSpec<T, W> spec;

  @SuppressWarnings("unchecked") // an assigner only takes records
  WindowDraft(KeyedStream<T, K> stream, boolean all, WindowAssigner<? super T, W> assigner) {
    this.stream = stream;
    this.all = all;
    check(assigner, "window assigner");
    spec = new WindowSpec<>((WindowAssigner<T, W>) assigner, null, null, 0, null);
  }

  @SuppressWarnings("unchecked") // a trigger only takes records and windows
  void trigger(Trigger<? super T, ? super W> trigger) {
    check(trigger, "trigger");
    spec =
        new WindowSpec<>(
            spec.assigner(),
            (Trigger<T, W>) trigger,
            spec.evictor(),
            spec.latenessMillis(),
            spec.lateTag());
  }

  @SuppressWarnings("unchecked") // an evictor only looks at records and windows
  void evictor(Evictor<? super T, ? super W> evictor) {
    check(evictor, "evictor");
    spec =
        new WindowSpec<>(
            spec.assigner(),
            spec.trigger(),
            (Evictor<T, W>) evictor,
            spec.latenessMillis(),
            spec.lateTag());
  }

  void allowedLateness(Duration lateness) {
    spec =
        new WindowSpec<>(
            spec.assigner(), spec.trigger(), spec.evictor(), lateness.toMillis(), spec.lateTag());
  }

  void sideOutputLateData(OutputTag<T> tag) {
    Objects.requireNonNull(tag, "tag");
    spec =
        new WindowSpec<>(
            spec.assigner(), spec.trigger(), spec.evictor(), spec.latenessMillis(), tag);
  }

  private void check(Serializable code, String what) {
    Objects.requireNonNull(code, what);
    UserCode.of(code, "the " + what + " behind '" + stream.taps.get(0).from().name + "'");
  }

  SingleOutputStreamOperator<T> reduce(String kind, String name, ReduceFunction<T> function) {
    return reduce(kind, name, function, WindowCall.pass(), stream.getType());
  }

  <O> SingleOutputStreamOperator<O> reduce(
      String kind,
      String name,
      ReduceFunction<T> function,
      WindowCall<K, W, T, O> call,
      TypeInformation<?> type) {
    check(function, "reduce function");
    WindowSpec<T, W> now = spec;
    return node(
        kind,
        name,
        call,
        function,
        () -> WindowOperators.reduce(now, function, stream.getType(), call),
        type);
  }

  StreamExecutionEnvironment environment() {
    return stream.environment;
  }

  TypeInformation<T> inputType() {
    return stream.getType();
  }

  /** A sum, minimum or maximum of a field. */
  SingleOutputStreamOperator<T> aggregate(Aggregation.Kind kind, String field) {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT);
    return reduce(
        "window-" + name, "Window " + name, Operators.<T>aggregation(kind, field, inputType()));
  }

  /** The record with the lowest or highest value of a field. */
  SingleOutputStreamOperator<T> extreme(Aggregation.Kind kind, String field, boolean first) {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT) + "-by";
    return reduce(
        "window-" + name, "Window " + name, Operators.<T>extreme(kind, field, first, inputType()));
  }

  <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function, WindowCall<K, W, V, O> call, TypeInformation<?> type) {
    @SuppressWarnings("unchecked") // the extractor reads A
    var accumulatorType =
        (TypeInformation<A>) TypeExtractor.outputOf(function, AggregateFunction.class, 1);
    return aggregate(function, accumulatorType, call, type);
  }

  <A, V, O> SingleOutputStreamOperator<O> aggregate(
      AggregateFunction<T, A, V> function,
      TypeInformation<A> accumulatorType,
      WindowCall<K, W, V, O> call,
      TypeInformation<?> type) {
    check(function, "aggregate function");
    WindowSpec<T, W> now = spec;
    return node(
        "window-aggregate",
        "Window aggregate",
        call,
        function,
        () -> WindowOperators.aggregate(now, function, accumulatorType, stream.getType(), call),
        type);
  }

  <O> SingleOutputStreamOperator<O> list(
      String kind, String name, WindowCall<K, W, T, O> call, TypeInformation<?> type) {
    WindowSpec<T, W> now = spec;
    return node(
        kind, name, call, call, () -> WindowOperators.list(now, stream.getType(), call), type);
  }

  private <O> SingleOutputStreamOperator<O> node(
      String kind,
      String name,
      WindowCall<K, W, ?, O> call,
      Serializable function,
      Supplier<OperatorFactory<T, O>> factory,
      TypeInformation<?> type) {
    if (call.function() != null) {
      check((Serializable) call.function(), "window function");
    }
    SingleOutputStreamOperator<O> made =
        stream.operator(all ? kind + "-all" : kind, name, function, factory, type);
    made.node().states = List.of(WindowOperators.WINDOWS, WindowOperators.RECORDS);
    made.node().combination = () -> combination(factory.get(), made.getName());
    if (all) {
      made.node().onlyOneBecause = "it sees the whole stream; use keyBy and window for more";
      made.setParallelism(1);
    }
    return made;
  }

  /** All ways that records come by lead through the same {@code keyBy}. */
  @SuppressWarnings("unchecked") // it took a selector and a type of one K
  private Optional<Combination> combination(OperatorFactory<T, ?> factory, String name) {
    Node.Tap<T> tap = stream.taps.get(0);
    return WindowOperators.combination(
        factory,
        (KeySelector<T, K>) tap.key(),
        (TypeInformation<K>) tap.keyType(),
        "operator '" + name + "'");
  }
}
