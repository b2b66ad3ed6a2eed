package io.millrace.benchmarks;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A count under each of many keys that all come equally often, in an order that no cache likes: an
 * endless stream at full speed, so that what checkpoints cost is seen.
 *
 * @param keys from 0 on
 * @param payloadBytes beside the count in each state
 * @param checkpointMillis 0 for none
 */
record KeyedCounts(long keys, int payloadBytes, long checkpointMillis, String store, int subtasks) {
  /**
   * Prime, so that a round over its multiples meets every number of keys that it does not divide.
   */
  private static final long SCATTER = 2_654_435_761L;

  /** When a checkpoint's barrier was first met, by id. */
  static final ConcurrentSkipListMap<Long, Long> CUT_NANOS = new ConcurrentSkipListMap<>();

  /** Set from outside: the next record fails the task. */
  static volatile boolean failNext;

  /** When that happened, and when the first record after it was taken; 0 while it has not. */
  static volatile long failedNanos;

  static volatile long resumedNanos;

  KeyedCounts {
    if (keys < 1 || keys % SCATTER == 0) {
      throw new IllegalArgumentException("a number of keys from 1 on, found " + keys);
    }
  }

  JobGraph graph() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(subtasks);
    env.set("state.backend.type", store);
    if (checkpointMillis > 0) {
      env.enableCheckpointing(checkpointMillis);
    } else {
      env.disableCheckpointing();
    }
    long count = keys;
    env.<Long>fromGenerator(index -> index % count * SCATTER % count, Double.POSITIVE_INFINITY)
        .uid("keys")
        .keyBy(key -> key)
        .process(new Count(payloadBytes))
        .uid("counts")
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    return env.getJobGraph();
  }

  /** What lies under a key. */
  record Counted(long count, byte[] payload) {}

  private static final class Count extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointedFunction {
    private final int payloadBytes;
    private transient ValueState<Counted> counted;
    private transient int sinceStride;
    private transient long openedNanos;

    Count(int payloadBytes) {
      this.payloadBytes = payloadBytes;
    }

    @Override
    public void open(OpenContext context) {
      openedNanos = System.nanoTime();
      counted = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Counted.class));
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      CUT_NANOS.putIfAbsent(context.getCheckpointId(), System.nanoTime());
    }

    @Override
    public void processElement(Long key, Context context, Collector<Long> out) throws Exception {
      if (failNext) {
        failNext = false;
        failedNanos = System.nanoTime();
        throw new IllegalStateException("as the benchmark wants");
      }
      // Not what the failed one's neighbour takes until it is cancelled.
      if (resumedNanos < failedNanos && failedNanos < openedNanos) {
        resumedNanos = System.nanoTime();
      }
      Counted before = counted.value();
      counted.update(
          before == null
              ? new Counted(1, payload(key))
              : new Counted(before.count() + 1, before.payload()));
      if (++sinceStride == Meter.STRIDE) {
        sinceStride = 0;
        Meter.stride();
      }
    }

    /** Which cannot be compressed: as much as that is to be written and read. */
    private byte[] payload(long key) {
      var bytes = new byte[payloadBytes];
      new SplittableRandom(key).nextBytes(bytes);
      return bytes;
    }
  }
}
