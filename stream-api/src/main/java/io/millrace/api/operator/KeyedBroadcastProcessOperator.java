package io.millrace.api.operator;

import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedStateFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.TimerService;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReadOnlyBroadcastState;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.State;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;

/** Lets a function process a keyed stream and, as the second input, one that is broadcast. */
final class KeyedBroadcastProcessOperator<K, A, B, O>
    implements TwoInputOperator<A, B, O>, FunctionOperator<A, O> {
  private final KeyedBroadcastProcessFunction<K, A, B, O> function;
  private final List<MapStateDescriptor<?, ?>> declared;
  private final FunctionLife life;
  private OperatorContext context;
  private StampingCollector<O> collector;
  private BroadcastStates states;
  private ReadOnlyView readOnly;
  private View writable;

  KeyedBroadcastProcessOperator(
      KeyedBroadcastProcessFunction<K, A, B, O> function, List<MapStateDescriptor<?, ?>> declared) {
    this.function = function;
    this.declared = declared;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    collector = new StampingCollector<>(output);
    readOnly = new ReadOnlyView(function);
    writable = new View(function);
    life.open(context);
    states = new BroadcastStates(declared, life.states());
  }

  @Override
  public void process(A value, long timestamp) throws Exception {
    function.processElement(value, readOnly, collector.at(timestamp));
  }

  @Override
  public void processSecond(B value, long timestamp) throws Exception {
    function.processBroadcastElement(value, writable, collector.at(timestamp));
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    readOnly.domain = domain;
    function.onTimer(time, readOnly, collector.at(domain, time));
  }

  @Override
  public FunctionLife life() {
    return life;
  }

  private final class ReadOnlyView
      extends KeyedBroadcastProcessFunction<K, A, B, O>.OnTimerContext {
    private final TimerService timers = new OperatorTimers(context);
    private TimerDomain domain;

    ReadOnlyView(KeyedBroadcastProcessFunction<K, A, B, O> function) {
      function.super();
    }

    @Override
    public Long timestamp() {
      return collector.timestampOrNull();
    }

    @Override
    public long currentProcessingTime() {
      return context.processingTimeMillis();
    }

    @Override
    public long currentWatermark() {
      return context.currentWatermark();
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value) {
      collector.output(tag, value);
    }

    @Override
    @SuppressWarnings("unchecked") // the stream was keyed by a selector of K
    public K getCurrentKey() {
      return (K) context.keyed().currentKey();
    }

    @Override
    public TimerService timerService() {
      return timers;
    }

    @Override
    public TimerDomain timeDomain() {
      return domain;
    }

    @Override
    public <MK, MV> ReadOnlyBroadcastState<MK, MV> getBroadcastState(
        MapStateDescriptor<MK, MV> descriptor) {
      return states.readOnly(descriptor);
    }
  }

  private final class View extends KeyedBroadcastProcessFunction<K, A, B, O>.Context {
    View(KeyedBroadcastProcessFunction<K, A, B, O> function) {
      function.super();
    }

    @Override
    public Long timestamp() {
      return collector.timestampOrNull();
    }

    @Override
    public long currentProcessingTime() {
      return context.processingTimeMillis();
    }

    @Override
    public long currentWatermark() {
      return context.currentWatermark();
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value) {
      collector.output(tag, value);
    }

    @Override
    public <MK, MV> BroadcastState<MK, MV> getBroadcastState(
        MapStateDescriptor<MK, MV> descriptor) {
      return states.writable(descriptor);
    }

    @Override
    public <T> void applyToKeyedState(
        ValueStateDescriptor<T> descriptor, KeyedStateFunction<K, ValueState<T>> function)
        throws Exception {
      apply(descriptor, context.keyed().value(descriptor), function);
    }

    @Override
    public <T> void applyToKeyedState(
        ListStateDescriptor<T> descriptor, KeyedStateFunction<K, ListState<T>> function)
        throws Exception {
      apply(descriptor, context.keyed().list(descriptor), function);
    }

    @Override
    public <T> void applyToKeyedState(
        ReducingStateDescriptor<T> descriptor, KeyedStateFunction<K, ReducingState<T>> function)
        throws Exception {
      apply(descriptor, context.keyed().reducing(descriptor), function);
    }

    @Override
    public <MK, MV> void applyToKeyedState(
        MapStateDescriptor<MK, MV> descriptor, KeyedStateFunction<K, MapState<MK, MV>> function)
        throws Exception {
      apply(descriptor, context.keyed().map(descriptor), function);
    }

    @Override
    public <IN, ACC, OUT> void applyToKeyedState(
        AggregatingStateDescriptor<IN, ACC, OUT> descriptor,
        KeyedStateFunction<K, AggregatingState<IN, OUT>> function)
        throws Exception {
      apply(descriptor, context.keyed().aggregating(descriptor), function);
    }

    @SuppressWarnings("unchecked") // the stream was keyed by a selector of K
    private <S extends State> void apply(
        StateDescriptor descriptor, S state, KeyedStateFunction<K, S> function) throws Exception {
      context.keyed().forEachKey(descriptor, key -> function.process((K) key, state));
    }
  }
}
