package io.millrace.runtime.host;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.tuple.Tuple2;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.ClusterSettings;
import java.nio.file.Path;
import java.util.Map;

/**
 * A job of half a second that has a bit of everything, for a JVM that is to have loaded what jobs
 * need before one does.
 */
public final class SmallJob {
  private static final int RECORDS = 500;

  /**
   * Runs it in this JVM, beside whatever else is there, on a cluster of its own that opens no port
   * and writes nowhere else.
   *
   * @param stateBackend {@code hashmap}, or {@code rocksdb}, whose library is loaded then
   * @param folder that nobody has; goes at the end
   */
  public static void run(String stateBackend, Path folder) throws Exception {
    var configuration = new Configuration(Map.of(ClusterSettings.MANAGED_MEMORY.key(), "16m"));
    try (var cluster =
        LocalCluster.start(
            configuration,
            new MemoryCheckpointStore(),
            new OneLoader(SmallJob.class.getClassLoader()),
            folder)) {
      cluster.submit(graph(stateBackend)).await();
    }
  }

  /**
   * @param stateBackend as the setting has it
   */
  static JobGraph graph(String stateBackend) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set(JobSettings.STATE_BACKEND.key(), stateBackend);
    env.set(JobSettings.RESTART_STRATEGY.key(), "none");
    env.setParallelism(2);
    env.enableCheckpointing(100);
    env.fromGenerator(index -> index, RECORDS, 2 * RECORDS)
        .map(number -> Tuple2.of("key" + number % 7, number))
        .keyBy(pair -> pair.f0)
        .process(new Latest())
        .sinkTo(new DiscardingSink<>());
    return env.getJobGraph();
  }

  /** Touches state and timers. */
  private static final class Latest
      extends KeyedProcessFunction<String, Tuple2<String, Long>, String> {
    private transient ValueState<Long> latest;

    @Override
    public void open(OpenContext context) {
      latest = getRuntimeContext().getState(new ValueStateDescriptor<>("latest", Long.class));
    }

    @Override
    public void processElement(Tuple2<String, Long> pair, Context context, Collector<String> out)
        throws Exception {
      if (latest.value() == null) {
        context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      }
      latest.update(pair.f1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
        throws Exception {
      out.collect(context.getCurrentKey() + " " + latest.value());
    }
  }

  private SmallJob() {}
}
