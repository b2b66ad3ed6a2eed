package io.millrace.api.operator;

import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.TimerService;

/** Lets a function process two inputs and timers of the current key. */
final class KeyedCoProcessOperator<K, A, B, O>
    implements TwoInputOperator<A, B, O>, FunctionOperator<A, O> {
  private final KeyedCoProcessFunction<K, A, B, O> function;
  private final FunctionLife life;
  private OperatorContext context;
  private StampingCollector<O> collector;
  private View view;

  KeyedCoProcessOperator(KeyedCoProcessFunction<K, A, B, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    collector = new StampingCollector<>(output);
    view = new View(function);
    life.open(context);
  }

  @Override
  public void process(A value, long timestamp) throws Exception {
    function.processElement1(value, view, collector.at(timestamp));
  }

  @Override
  public void processSecond(B value, long timestamp) throws Exception {
    function.processElement2(value, view, collector.at(timestamp));
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    view.domain = domain;
    function.onTimer(time, view, collector.at(domain, time));
  }

  @Override
  public FunctionLife life() {
    return life;
  }

  private final class View extends KeyedCoProcessFunction<K, A, B, O>.OnTimerContext {
    private final TimerService timers = new OperatorTimers(context);
    private TimerDomain domain;

    View(KeyedCoProcessFunction<K, A, B, O> function) {
      function.super();
    }

    @Override
    @SuppressWarnings("unchecked") // both streams were keyed by selectors of K
    public K getCurrentKey() {
      return (K) context.keyed().currentKey();
    }

    @Override
    public Long timestamp() {
      return collector.timestampOrNull();
    }

    @Override
    public TimerService timerService() {
      return timers;
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value) {
      collector.output(tag, value);
    }

    @Override
    public TimerDomain timeDomain() {
      return domain;
    }
  }
}
