package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.tuple.Tuple2;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs as users write them, without type hints, through the tasks. */
class ProgramTest {
  private static final List<String> LINES = new ArrayList<>();

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  record Pair<A, B>(A left, B right) {}

  record Lines<T>() implements Sink<T> {
    @Override
    public SinkWriter<T> writer(WriterContext context) {
      return (value, timestamp) -> LINES.add(value.toString());
    }
  }

  /** Counts words by their length, and tells at the end of time. */
  static final class Lengths extends KeyedProcessFunction<Character, String, String> {
    private transient MapState<Integer, Integer> counts;

    @Override
    public void open(OpenContext context) {
      counts =
          getRuntimeContext()
              .getMapState(new MapStateDescriptor<>("counts", Integer.class, Integer.class));
    }

    @Override
    public void processElement(String word, Context context, Collector<String> out) {
      Integer before = counts.get(word.length());
      counts.put(word.length(), before == null ? 1 : before + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long timeMillis, OnTimerContext context, Collector<String> out) {
      for (var entry : counts.entries()) {
        out.collect(context.getCurrentKey() + " " + entry.getKey() + "=" + entry.getValue());
      }
    }
  }

  @BeforeEach
  void forget() {
    LINES.clear();
  }

  @Test
  void genericTuplesAndRecordsNeedNoHints() throws Exception {
    env.setParallelism(2)
        .fromElements("to be or not", "to be")
        .<Tuple2<String, Integer>>flatMap(
            (line, out) -> {
              for (String word : line.split(" ")) {
                out.collect(Tuple2.of(word, 1));
              }
            })
        .keyBy(word -> word.f0)
        .sum(1)
        .map(word -> new Pair<>(word.f0, word.f1))
        .keyBy(pair -> new Pair<>(pair.left().length(), List.of("key")))
        .reduce((a, b) -> new Pair<>("", a.right() + b.right()))
        .map(pair -> pair.right())
        .keyBy(sum -> "all")
        .max(0)
        .sinkTo(new Lines<>());

    run();

    // Of two letters: to 1, be 1, or 1, to 2, be 2 in some order; of three: not 1.
    assertThat(LINES).hasSize(6);
    assertThat(LINES.get(5)).isEqualTo("7");
  }

  @Test
  void stateAndTimersFireAtTheEndOfTheInput() throws Exception {
    env.fromElements("ant", "bee", "ape", "bear")
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<String>forMonotonousTimestamps()
                .withTimestampAssigner((word, recordTimestamp) -> word.length()))
        .keyBy(word -> word.charAt(0))
        .process(new Lengths())
        .sinkTo(new Lines<>());

    run();

    assertThat(LINES).containsExactlyInAnyOrder("a 3=2", "b 3=1", "b 4=1");
  }

  @Test
  void unionsAndBroadcastsReachEverySubtask() throws Exception {
    var numbers = env.fromSequence(1, 4);
    numbers
        .union(env.fromSequence(5, 6))
        .broadcast()
        .map(n -> n * 10)
        .setParallelism(2)
        .sinkTo(new Lines<>());

    run();

    assertThat(LINES)
        .containsExactlyInAnyOrder(
            "10", "10", "20", "20", "30", "30", "40", "40", "50", "50", "60", "60");
  }

  /** Its records come once for each time that it is named, of two edges to one task. */
  @Test
  void aStreamIsUnitedWithItself() throws Exception {
    var numbers = env.fromSequence(1, 3).map(n -> n + 0).setParallelism(2);
    numbers.union(numbers).keyBy(n -> n).reduce((a, b) -> a + b).sinkTo(new Lines<>());

    run();

    assertThat(LINES).containsExactlyInAnyOrder("1", "2", "2", "4", "3", "6");
  }

  private void run() throws Exception {
    new Flow(opened(env.getJobGraph()), 1, null).finish(1, 100);
  }

  /** What a TaskManager makes of a submitted graph. */
  @SuppressWarnings("unchecked") // as the engine: records are Objects
  private static Flow.Job opened(JobGraph graph) {
    ClassLoader loader = ProgramTest.class.getClassLoader();
    var job = new Flow.Job();
    graph.settings().forEach(job::set);
    for (Vertex vertex : graph.vertices()) {
      job.vertices.add(vertex);
      job.code.put(vertex.uid(), vertex.code().open(loader));
    }
    for (Edge edge : graph.edges()) {
      job.edges.add(edge);
      job.edgeCode.add((EdgeCode<Object, Object>) edge.code().open(loader));
    }
    return job;
  }
}
