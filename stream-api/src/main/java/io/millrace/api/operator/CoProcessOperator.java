package io.millrace.api.operator;

import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.TimerService;

/** Lets a function process two inputs and timers; is itself what the function may ask. */
final class CoProcessOperator<A, B, O>
    implements TwoInputOperator<A, B, O>, FunctionOperator<A, O>, CoProcessFunction.OnTimerContext {
  private final CoProcessFunction<A, B, O> function;
  private final FunctionLife life;
  private StampingCollector<O> collector;
  private TimerService timers;
  private TimerDomain domain;

  CoProcessOperator(CoProcessFunction<A, B, O> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    collector = new StampingCollector<>(output);
    timers = new OperatorTimers(context);
    life.open(context);
  }

  @Override
  public void process(A value, long timestamp) throws Exception {
    function.processElement1(value, this, collector.at(timestamp));
  }

  @Override
  public void processSecond(B value, long timestamp) throws Exception {
    function.processElement2(value, this, collector.at(timestamp));
  }

  @Override
  public void onTimer(long time, TimerDomain domain) throws Exception {
    this.domain = domain;
    function.onTimer(time, this, collector.at(domain, time));
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

  @Override
  public FunctionLife life() {
    return life;
  }
}
