package io.millrace.api.operator.join;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.metrics.Counter;
import io.millrace.api.operator.EventClock;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionOperator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimestampedValue;
import java.util.List;
import java.util.OptionalLong;

/**
 * Keeps the records of both sides by time, as long as one of the other side may still fit. A record
 * meets those of the other side in the order of their times.
 */
final class IntervalJoinOperator<L, R, O> implements FunctionOperator<Sided<L, R>, O> {
  private final IntervalJoin<L, R, O> spec;
  private final FunctionLife life;
  private OperatorContext context;
  private EventClock clock;
  private Output<O> output;
  private Counter dropped;
  private ValueState<Waiting> waiting;
  private TimeBuffer<L> left;
  private TimeBuffer<R> right;
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
    waiting =
        context.keyed().value(new ValueStateDescriptor<>(IntervalJoin.WAITING, Waiting.class));
    left = buffer(IntervalJoin.LEFT, spec.leftType());
    right = buffer(IntervalJoin.RIGHT, spec.rightType());
    leftSerializer = spec.leftType().serializer(context.userClassLoader());
    rightSerializer = spec.rightType().serializer(context.userClassLoader());
    pair = new Pair(spec.function());
    life.open(context);
    clock = new EventClock(context, IntervalJoin.EVENT_TIME);
    clock.restore(life.states());
  }

  @Override
  public OptionalLong restoredWatermark() {
    return OptionalLong.of(clock.restored());
  }

  @SuppressWarnings("unchecked") // lists of records with their times
  private <T> TimeBuffer<T> buffer(String name, TypeInformation<T> type) {
    var timed = TypeInformation.of(TimestampedValue.class, type);
    return new TimeBuffer<>(
        context
            .keyed()
            .map(
                new MapStateDescriptor<>(
                    name,
                    TypeInformation.of(Long.class),
                    (TypeInformation<List<TimestampedValue<T>>>)
                        TypeInformation.of(List.class, timed))));
  }

  @Override
  public void process(Sided<L, R> value, long timestamp) throws Exception {
    if (timestamp == Timestamps.NONE) {
      throw new IllegalStateException(
          "a record without a timestamp came to an interval join; call"
              + " assignTimestampsAndWatermarks before it");
    }
    if (timestamp < clock.watermark()) {
      late(value, timestamp);
    } else {
      Waiting mine = waiting.value();
      meet(mine == null ? new Waiting() : mine, mine == null, value, timestamp);
    }
  }

  private void meet(Waiting mine, boolean isNew, Sided<L, R> value, long timestamp)
      throws Exception {
    boolean changed =
        value.isLeft()
            ? left.add(mine.left, value.left(), timestamp)
            : right.add(mine.right, value.right(), timestamp);
    if (awaitFirst(mine) || changed || isNew) {
      waiting.update(mine);
    }
    if (value.isLeft()) {
      right.between(
          mine.right,
          plus(timestamp, spec.lowerMillis()),
          plus(timestamp, spec.upperMillis()),
          (other, time) -> pair.join(value.left(), timestamp, other, time));
    } else {
      left.between(
          mine.left,
          plus(timestamp, -spec.upperMillis()),
          plus(timestamp, -spec.lowerMillis()),
          (other, time) -> pair.join(other, time, value.right(), timestamp));
    }
  }

  /** The sum, or the last time that there is in its direction. */
  private static long plus(long time, long millis) {
    long sum = time + millis;
    boolean overflows = ((time ^ sum) & (millis ^ sum)) < 0;
    return !overflows ? sum : time < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
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

  /** Has the operator called when the first record may go; whether that is earlier than it was. */
  private boolean awaitFirst(Waiting mine) {
    boolean earlier = false;
    if (!mine.left.isEmpty()) {
      earlier = await(mine, mine.left.earliest(), Math.max(0, spec.upperMillis()));
    }
    if (!mine.right.isEmpty()) {
      earlier |= await(mine, mine.right.earliest(), -Math.min(0, spec.lowerMillis()));
    }
    return earlier;
  }

  /**
   * @param millis so much later than the record a partner may come
   */
  private boolean await(Waiting mine, long timestamp, long millis) {
    // A partner is in time as long as the watermark is not past its own.
    long until = timestamp + millis + 1;
    if (until <= timestamp || mine.timer != Waiting.NONE && mine.timer <= until) {
      return false; // no watermark comes as far, or it is called before
    }
    context.keyed().setTimer(TimerDomain.EVENT_TIME, until);
    mine.timer = until;
    return true;
  }

  /** The watermark has passed the last time at which a partner could come. */
  @Override
  public void onTimer(long time, TimerDomain domain) {
    Waiting mine = waiting.value();
    if (mine == null) {
      return; // all have gone at an earlier one
    }
    if (mine.timer == time) {
      mine.timer = Waiting.NONE;
    }
    left.dropUpTo(mine.left, plus(time - 1, -Math.max(0, spec.upperMillis())));
    right.dropUpTo(mine.right, plus(time - 1, Math.min(0, spec.lowerMillis())));
    if (mine.left.isEmpty() && mine.right.isEmpty()) {
      waiting.clear();
    } else {
      awaitFirst(mine);
      waiting.update(mine);
    }
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    clock.keep();
    return life.snapshot(checkpoint);
  }

  @Override
  public FunctionLife life() {
    return life;
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
