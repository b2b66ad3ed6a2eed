package io.millrace.api.operator.join;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.metrics.Counter;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps the records of both sides by time, as long as one of the other side may still fit. */
final class IntervalJoinOperator<L, R, O> implements Operator<Sided<L, R>, O> {
  private final IntervalJoin<L, R, O> spec;
  private final FunctionLife life;
  private OperatorContext context;
  private Output<O> output;
  private Counter dropped;
  private MapState<Long, List<L>> left;
  private MapState<Long, List<R>> right;
  private Serializer<L> leftSerializer;
  private Serializer<R> rightSerializer;
  private Pair pair;

  IntervalJoinOperator(IntervalJoin<L, R, O> spec) {
    this.spec = spec;
    life = new FunctionLife(spec.function());
  }

  @Override
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    this.output = output;
    dropped = context.counter(WindowOperators.LATE_RECORDS_DROPPED);
    left = buffer(IntervalJoin.LEFT, spec.leftType());
    right = buffer(IntervalJoin.RIGHT, spec.rightType());
    leftSerializer = spec.leftType().serializer(context.userClassLoader());
    rightSerializer = spec.rightType().serializer(context.userClassLoader());
    pair = new Pair(spec.function());
    life.open(context);
  }

  @SuppressWarnings("unchecked") // lists of T
  private <T> MapState<Long, List<T>> buffer(String name, TypeInformation<T> type) {
    return context
        .keyed()
        .map(
            new MapStateDescriptor<>(
                name,
                TypeInformation.of(Long.class),
                (TypeInformation<List<T>>) TypeInformation.of(List.class, type)));
  }

  @Override
  public void process(Sided<L, R> value, long timestamp) throws Exception {
    if (timestamp == Timestamps.NONE) {
      throw new IllegalStateException(
          "a record without a timestamp came to an interval join; call"
              + " assignTimestampsAndWatermarks before it");
    }
    if (timestamp < context.currentWatermark()) {
      late(value, timestamp);
    } else if (value.isLeft()) {
      keep(left, value.left(), timestamp, timestamp + Math.max(0, spec.upperMillis()));
      for (Map.Entry<Long, List<R>> other : right.entries()) {
        if (fits(other.getKey() - timestamp)) {
          for (R each : other.getValue()) {
            pair.join(value.left(), timestamp, each, other.getKey());
          }
        }
      }
    } else {
      keep(right, value.right(), timestamp, timestamp - Math.min(0, spec.lowerMillis()));
      for (Map.Entry<Long, List<L>> other : left.entries()) {
        if (fits(timestamp - other.getKey())) {
          for (L each : other.getValue()) {
            pair.join(each, other.getKey(), value.right(), timestamp);
          }
        }
      }
    }
  }

  private boolean fits(long rightMinusLeft) {
    return rightMinusLeft >= spec.lowerMillis() && rightMinusLeft <= spec.upperMillis();
  }

  private void late(Sided<L, R> value, long timestamp) {
    if (value.isLeft() && spec.leftLate() != null) {
      output.output(spec.leftLate(), value.left(), timestamp);
    } else if (!value.isLeft() && spec.rightLate() != null) {
      output.output(spec.rightLate(), value.right(), timestamp);
    } else {
      dropped.inc();
    }
  }

  private <T> void keep(MapState<Long, List<T>> buffer, T value, long timestamp, long until) {
    List<T> sameTime = buffer.get(timestamp);
    List<T> list = sameTime == null ? new ArrayList<>(1) : sameTime;
    list.add(value);
    buffer.put(timestamp, list);
    if (until >= timestamp) { // else no watermark comes as far
      context.keyed().setTimer(TimerDomain.EVENT_TIME, until);
    }
  }

  /** The watermark has passed the last time at which a partner could come. */
  @Override
  public void onTimer(long time, TimerDomain domain) {
    left.remove(time - Math.max(0, spec.upperMillis()));
    right.remove(time + Math.min(0, spec.lowerMillis()));
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    return life.snapshot(checkpoint);
  }

  @Override
  public Optional<CheckpointListener> checkpointListener() {
    return life.checkpointListener();
  }

  @Override
  public void close() throws Exception {
    life.close();
  }

  /** The pair that is being joined. */
  private final class Pair extends ProcessJoinFunction<L, R, O>.Context implements Collector<O> {
    private final ProcessJoinFunction<L, R, O> function;
    private long leftTime;
    private long rightTime;

    Pair(ProcessJoinFunction<L, R, O> function) {
      function.super();
      this.function = function;
    }

    /** The function may change what it gets: that is kept, and meets others. */
    void join(L leftValue, long leftTimestamp, R rightValue, long rightTimestamp) throws Exception {
      leftTime = leftTimestamp;
      rightTime = rightTimestamp;
      function.processElement(
          leftSerializer.copy(leftValue), rightSerializer.copy(rightValue), this, this);
    }

    @Override
    public long getLeftTimestamp() {
      return leftTime;
    }

    @Override
    public long getRightTimestamp() {
      return rightTime;
    }

    @Override
    public long getTimestamp() {
      return Math.max(leftTime, rightTime);
    }

    @Override
    public void collect(O value) {
      output.collect(value, getTimestamp());
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value) {
      output.output(tag, value, getTimestamp());
    }
  }
}
