package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.CoMapFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams belong to no job: the next one is what was added since, and all in front of it. */
class StreamsAfterAJobTest {
  private static final OutputTag<String> SIDE = new OutputTag<>("side") {};

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();
  private final JobRecorder recorder = new JobRecorder();
  private final AutoCloseable door = ExecutionDoor.install(recorder);

  @AfterEach
  void close() throws Exception {
    door.close();
  }

  private JobGraph job(int number) {
    return recorder.graphs.get(number - 1);
  }

  private static List<String> uids(JobGraph graph) {
    return graph.vertices().stream().map(Vertex::uid).toList();
  }

  private static List<String> edges(JobGraph graph) {
    return graph.edges().stream()
        .map(e -> (e.from() + " > " + e.to() + " " + e.sideOutput()).strip())
        .toList();
  }

  private static final class Apart extends ProcessFunction<Long, Long> {
    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      context.output(SIDE, "" + value);
    }
  }

  private static final class Either implements CoMapFunction<Long, String, String> {
    @Override
    public String map1(Long value) {
      return "" + value;
    }

    @Override
    public String map2(String value) {
      return value;
    }
  }

  private static final class Beside extends BroadcastProcessFunction<Long, String, Long> {
    @Override
    public void processElement(Long value, ReadOnlyContext context, Collector<Long> out) {
      out.collect(value);
    }

    @Override
    public void processBroadcastElement(String value, Context context, Collector<Long> out) {}
  }

  private static final class Ask implements AsyncFunction<Long, Long> {
    @Override
    public void asyncInvoke(Long input, ResultFuture<Long> future) {
      future.complete(List.of(input));
    }
  }

  @Test
  void theNextJobIsWhatWasAddedAndAllInFrontOfIt() throws Exception {
    var numbers = env.fromSequence(1, 3).uid("numbers");
    var odd = numbers.filter(n -> n % 2 == 1).uid("odd");
    odd.print().uid("first");
    numbers.map(n -> -n).uid("aside").print().uid("beside");
    env.execute();

    odd.map(n -> 2 * n).uid("double").print().uid("second");
    env.execute();

    assertThat(uids(job(1)))
        .containsExactly("numbers/splits", "numbers", "odd", "first", "aside", "beside");
    assertThat(uids(job(2)))
        .containsExactly("numbers/splits", "numbers", "odd", "double", "second");
    assertThat(edges(job(2)))
        .containsExactly(
            "numbers/splits > numbers", "numbers > odd", "odd > double", "double > second");
  }

  @Test
  void everyWayUpstreamIsFollowed() throws Exception {
    var numbers = env.fromSequence(1, 3).uid("numbers");
    var words = env.fromElements("a").uid("words");
    var apart = numbers.process(new Apart()).uid("apart");
    var joined = numbers.connect(words).map(new Either()).uid("joined");
    var told =
        numbers
            .connect(
                apart
                    .getSideOutput(SIDE)
                    .broadcast(new MapStateDescriptor<>("told", String.class, Long.class)))
            .process(new Beside())
            .uid("told");
    var asked = AsyncDataStream.orderedWait(told, new Ask(), 1, TimeUnit.SECONDS).uid("asked");
    var windows =
        asked
            .assignTimestampsAndWatermarks(WatermarkStrategy.forMonotonousTimestamps())
            .uid("time")
            .keyBy(n -> n)
            .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
            .reduce(Long::sum)
            .uid("windows");
    var all = windows.union(windows, asked);
    joined.print().uid("out");
    env.execute();

    all.print().uid("late");
    env.execute();
    apart.getSideOutput(SIDE).print().uid("sides");
    env.execute();
    joined.print().uid("joins");
    env.execute();

    assertThat(uids(job(2)))
        .containsExactly(
            "numbers/splits", "numbers", "apart", "told", "asked", "time", "windows", "late");
    assertThat(edges(job(2)))
        .contains("numbers > told", "apart > told side", "asked > late")
        .filteredOn("windows > late"::equals)
        .hasSize(2);
    assertThat(uids(job(3))).containsExactly("numbers/splits", "numbers", "apart", "sides");
    assertThat(uids(job(4)))
        .containsExactly("numbers/splits", "numbers", "words/splits", "words", "joined", "joins");
  }

  /** What stands in front of both jobs of {@link #later}. */
  private static SingleOutputStreamOperator<Long> shared(StreamExecutionEnvironment env) {
    return env.fromSequence(1, 3).map(n -> n + 1).filter(n -> n > 0);
  }

  private static void later(StreamExecutionEnvironment env, DataStream<Long> shared) {
    shared.map(n -> n * 2).union(env.fromSequence(7, 9).map(n -> n + 1)).print();
    shared.map(n -> n * 3).keyBy(n -> n).reduce(Long::sum).print();
  }

  @Test
  void aJobIsWhatItWereInAProgramWithoutTheFormerOnes() throws Exception {
    var shared = shared(env);
    shared.map(n -> n - 1).print();
    env.fromSequence(4, 5).map(n -> n + 1).print();
    env.execute();
    later(env, shared);
    env.execute();

    var other = StreamExecutionEnvironment.getExecutionEnvironment();
    later(other, shared(other));
    other.execute();

    assertThat(job(2)).isEqualTo(job(3));
  }

  @Test
  void theSameStreamTwiceIsTheSameJobTwice() throws Exception {
    var numbers = shared(env);
    for (int i = 0; i < 2; i++) {
      numbers.map(n -> n + 1).print();
      env.execute();
    }

    assertThat(job(2)).isEqualTo(job(1));
  }

  @Test
  void whatIsSaidOfAnOperatorHoldsFromTheNextJobOn() throws Exception {
    var numbers = env.fromSequence(1, 3);
    var mapped = numbers.map(n -> n).name("before");
    mapped.print();
    env.execute();
    JobGraph submitted = job(1);
    List<String> uids = uids(submitted);

    numbers.uid("numbers").setParallelism(3).disableChaining();
    mapped.uid("mapped").name("after").setMaxParallelism(7).slotSharingGroup("apart");
    mapped.returns(Long.class).print();
    env.execute();

    assertThat(uids(submitted)).isEqualTo(uids).doesNotContain("numbers", "mapped");
    assertThat(submitted.vertices())
        .noneMatch(each -> each.name().equals("after") || each.slotSharingGroup().equals("apart"));
    assertThat(job(2).vertex("numbers").parallelism()).isEqualTo(3);
    assertThat(job(2).vertex("numbers").chainTail()).isTrue();
    Vertex next = job(2).vertex("mapped");
    assertThat(next.name()).isEqualTo("after");
    assertThat(next.maxParallelism()).isEqualTo(7);
    assertThat(next.slotSharingGroup()).isEqualTo("apart");
    assertThat(job(2).outputs("mapped")).extracting(Edge::type).containsExactly("java.lang.Long");
  }

  @Test
  void aUidMayBeTakenOnceInEachJob() throws Exception {
    var numbers = env.fromSequence(1, 3).uid("numbers");
    numbers.map(n -> n).uid("step").print().uid("out");
    env.execute();
    numbers.filter(n -> n > 1).uid("step").print().uid("out");
    env.execute();

    assertThat(uids(job(2))).isEqualTo(uids(job(1)));
  }

  @Test
  void whatASlotNeedsGoesToEachJobThatHasTheGroup() throws Exception {
    var heavy = SlotSharingGroup.newBuilder("heavy").setCpuCores(1).setTaskHeapMemoryMB(64).build();
    var numbers = env.fromSequence(1, 3);
    var mapped = numbers.map(n -> n).slotSharingGroup(heavy);
    mapped.print();
    env.execute();
    numbers.print();
    env.execute();
    mapped.print();
    env.execute();

    assertThat(recorder.graphs.stream().map(graph -> graph.slots().keySet()).toList())
        .hasToString("[[heavy], [], [heavy]]");
  }

  @Test
  void aSourceThatNothingReadsIsInNoJob() throws Exception {
    var later = env.fromSequence(1, 3).uid("later");
    env.fromElements(1).uid("now").print().uid("out");
    env.execute();
    later.print().uid("out");
    env.execute();

    assertThat(uids(job(1))).containsExactly("now/splits", "now", "out");
    assertThat(uids(job(2))).containsExactly("later/splits", "later", "out");
  }

  @Test
  void withoutAnythingNewThereIsNothingToExecute() throws Exception {
    var numbers = env.fromSequence(1, 3);
    numbers.print();
    env.execute();

    numbers.name("renamed").rebalance().keyBy(n -> n);
    assertThatThrownBy(env::execute)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("added nothing since the last execute()");
    env.fromElements(1);
    assertThatThrownBy(env::execute)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("print()");
    assertThat(recorder.graphs).hasSize(1);
  }

  @Test
  void whatWasRefusedIsStillToBeExecuted() throws Exception {
    var numbers = env.fromSequence(1, 3).uid("same");
    var sink = numbers.print().uid("same");
    assertThatThrownBy(env::execute).hasMessageContaining("same uid");

    sink.uid("other");
    env.execute();

    assertThat(uids(job(1))).containsExactly("same/splits", "same", "other");
  }

  @Test
  void recordsThatAreNotCollectedAreNotBroughtByTheNextJob() throws Exception {
    var numbers = env.fromSequence(1, 3).uid("numbers");
    var mapped = numbers.map(n -> n).uid("numbers");
    assertThatThrownBy(mapped::executeAndCollect).hasMessageContaining("same uid");

    mapped.uid("mapped").executeAndCollect().close();
    numbers.executeAndCollect(1);

    assertThat(uids(job(1))).hasSize(4).startsWith("numbers/splits", "numbers", "mapped");
    assertThat(uids(job(2))).hasSize(3).startsWith("numbers/splits", "numbers");
  }

  private record Plus(long much) implements MapFunction<Long, Long> {
    @Override
    public Long map(Long value) {
      return value + much;
    }
  }

  /** Runs a job of which the environment has no need any more, and the recorder has none. */
  private WeakReference<Object> functionOfAJob(DataStream<Long> numbers) throws Exception {
    var function = new Plus(1);
    numbers.map(function).print();
    env.execute();
    return new WeakReference<>(function);
  }

  @Test
  void operatorsOfFormerJobsAreForgottenThoughTheirStreamsLiveOn() throws Exception {
    var numbers = env.fromSequence(1, 3);
    WeakReference<Object> former = functionOfAJob(numbers);
    for (int tries = 0; former.get() != null && tries < 20; tries++) {
      System.gc();
    }
    assertThat(former.get()).isNull();

    numbers.print();
    env.execute();
    assertThat(recorder.programs).hasSize(2);
  }
}
