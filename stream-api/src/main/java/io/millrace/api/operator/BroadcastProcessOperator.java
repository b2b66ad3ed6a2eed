package io.millrace.api.operator;

import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReadOnlyBroadcastState;
import java.util.List;

/** Lets a function process a stream and, as the second input, one that is broadcast. */
final class BroadcastProcessOperator<A, B, O>
    implements TwoInputOperator<A, B, O>, FunctionOperator<A, O> {
  private final BroadcastProcessFunction<A, B, O> function;
  private final List<MapStateDescriptor<?, ?>> declared;
  private final FunctionLife life;
  private OperatorContext context;
  private StampingCollector<O> collector;
  private BroadcastStates states;
  private final ReadOnlyView readOnly = new ReadOnlyView();
  private final View writable = new View();

  BroadcastProcessOperator(
      BroadcastProcessFunction<A, B, O> function, List<MapStateDescriptor<?, ?>> declared) {
    this.function = function;
    this.declared = declared;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    collector = new StampingCollector<>(output);
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
  public FunctionLife life() {
    return life;
  }

  private class BaseView implements BroadcastProcessFunction.BaseContext {
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
  }

  private final class ReadOnlyView extends BaseView
      implements BroadcastProcessFunction.ReadOnlyContext {
    @Override
    public <K, V> ReadOnlyBroadcastState<K, V> getBroadcastState(
        MapStateDescriptor<K, V> descriptor) {
      return states.readOnly(descriptor);
    }
  }

  private final class View extends BaseView implements BroadcastProcessFunction.Context {
    @Override
    public <K, V> BroadcastState<K, V> getBroadcastState(MapStateDescriptor<K, V> descriptor) {
      return states.writable(descriptor);
    }
  }
}
