package io.millrace.api.operator;

import io.millrace.api.eventtime.Watermark;
import io.millrace.api.function.SinkFunction;

/** Emits no record. */
final class SinkFunctionOperator<T> implements FunctionOperator<T, Object>, SinkFunction.Context {
  private final SinkFunction<T> function;
  private final FunctionLife life;
  private OperatorContext context;
  private long timestamp;

  SinkFunctionOperator(SinkFunction<T> function) {
    this.function = function;
    life = new FunctionLife(function);
  }

  @Override
  public void open(OperatorContext context, Output<Object> output) throws Exception {
    this.context = context;
    life.open(context);
  }

  @Override
  public void process(T value, long timestamp) throws Exception {
    this.timestamp = timestamp;
    function.invoke(value, this);
  }

  @Override
  public void watermark(long watermark, Output<Object> output) throws Exception {
    function.writeWatermark(new Watermark(watermark));
    output.watermark(watermark);
  }

  @Override
  public void endOfInput() throws Exception {
    function.finish();
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
  public Long timestamp() {
    return timestamp == Timestamps.NONE ? null : timestamp;
  }

  @Override
  public FunctionLife life() {
    return life;
  }
}
