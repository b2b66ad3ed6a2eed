package io.millrace.api.operator;

import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.TimerService;

/** Lets a function process records and timers of the current key. */
final class KeyedProcessOperator<K, I, O> implements FunctionOperator<I, O> {
  private final KeyedProcessFunction<K, I, O> function;
  private final FunctionLife life;
  private OperatorContext context;
  private StampingCollector<O> collector;
  private View view;

  KeyedProcessOperator(KeyedProcessFunction<K, I, O> function) {
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
  public void process(I value, long timestamp) throws Exception {
    function.processElement(value, view, collector.at(timestamp));
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

  private final class View extends KeyedProcessFunction<K, I, O>.OnTimerContext {
    private final TimerService timers = new OperatorTimers(context);
    private TimerDomain domain;

    View(KeyedProcessFunction<K, I, O> function) {
      function.super();
    }

    @Override
    @SuppressWarnings("unchecked") // the stream was keyed by a selector of K
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
