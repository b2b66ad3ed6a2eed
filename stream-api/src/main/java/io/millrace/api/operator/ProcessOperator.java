package io.millrace.api.operator;

import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.TimerService;

/** Lets a function process records and timers; is itself what the function may ask. */
final class ProcessOperator<I, O>
    implements FunctionOperator<I, O>, ProcessFunction.OnTimerContext {
  private final ProcessFunction<I, O> function;
  private final FunctionLife life;
  private StampingCollector<O> collector;
  private TimerService timers;
  private TimerDomain domain;

  ProcessOperator(ProcessFunction<I, O> function) {
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
  public void process(I value, long timestamp) throws Exception {
    function.processElement(value, this, collector.at(timestamp));
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
