package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.EdgeCode;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.NotSerializableCodeException;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.Operators;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.source.Sources;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobGraphTest {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  record Pair<A, B>(A left, B right) {}

  static final class NoKey {
    final Object anything = new Object();

    NoKey(int ignored) {}
  }

  record Holder(ThreadGroup group) implements MapFunction<Long, Long> {
    @Override
    public Long map(Long value) {
      return value;
    }
  }

  static final class Length extends ProcessFunction<String, Integer> {
    @Override
    public void processElement(String value, Context context, Collector<Integer> out) {
      out.collect(value.length());
    }
  }

  static final class KeyAsText extends KeyedProcessFunction<Integer, Integer, String> {
    @Override
    public void processElement(Integer value, Context context, Collector<String> out) {
      out.collect(context.getCurrentKey().toString());
    }
  }

  record Alone(boolean needed) implements Sink<String> {
    @Override
    public SinkWriter<String> writer(WriterContext context) {
      throw new UnsupportedOperationException("nothing runs here");
    }

    @Override
    public boolean needsExclusiveWriter() {
      return needed;
    }
  }

  @Test
  void aSinkThatNeedsToBeTheOnlyWriterSaysSoForItsJob() {
    env.fromElements("a").sinkTo(new Alone(false));
    assertThat(env.getJobGraph().settings()).doesNotContainKey("sinks.exclusive-writer");

    env.fromElements("b").sinkTo(new Alone(true));
    assertThat(env.getJobGraph().settings()).containsEntry("sinks.exclusive-writer", "true");
  }

  @Test
  void aSourceIsAnEnumeratorAndItsReader() {
    env.fromElements("a", "b").name("letters").uid("letters").print().uid("out");

    JobGraph graph = env.getJobGraph();

    assertThat(graph.vertices())
        .extracting(Vertex::uid, Vertex::role, Vertex::parallelism)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("letters/splits", Role.ENUMERATOR, 1),
            org.assertj.core.groups.Tuple.tuple("letters", Role.READER, 1),
            org.assertj.core.groups.Tuple.tuple("out", Role.SINK, Vertex.UNDECIDED));
    assertThat(edges(graph))
        .containsExactly("letters/splits SPLITS letters", "letters FORWARD out");
  }

  @Test
  void eachOperatorIsAVertexAndAnEdge() {
    env.fromSequence(1, 10)
        .uid("numbers")
        .map(n -> n + 1)
        .uid("map")
        .<String>flatMap((n, out) -> out.collect("" + n))
        .uid("flatMap")
        .filter(text -> !text.isEmpty())
        .uid("filter")
        .keyBy(text -> text)
        .reduce((a, b) -> a + b)
        .uid("reduce")
        .process(new Length())
        .uid("process")
        .keyBy(n -> n)
        .process(new KeyAsText())
        .uid("keyed")
        .assignTimestampsAndWatermarks(WatermarkStrategy.forMonotonousTimestamps())
        .uid("time")
        .sinkTo(new DiscardingSink<>())
        .uid("sink");

    JobGraph graph = env.getJobGraph();

    assertThat(edges(graph))
        .containsExactly(
            "numbers/splits SPLITS numbers",
            "numbers FORWARD map",
            "map FORWARD flatMap",
            "flatMap FORWARD filter",
            "filter KEY_GROUP reduce",
            "reduce FORWARD process",
            "process KEY_GROUP keyed",
            "keyed FORWARD time",
            "time FORWARD sink");
    assertThat(graph.edges())
        .extracting(Edge::type)
        .containsExactly(
            "io.millrace.api.source.Span",
            "java.lang.Long",
            "java.lang.Long",
            "dynamic",
            "dynamic",
            "dynamic",
            "java.lang.Integer",
            "java.lang.String",
            "java.lang.String");
    assertThat(graph.vertex("reduce").states()).containsExactly(Operators.ACCUMULATOR);
  }

  @Test
  void theWayOfRecordsFollowsTheProgram() {
    var numbers = env.fromSequence(1, 10).uid("numbers");
    numbers.rebalance().map(n -> n).uid("a");
    numbers.broadcast().map(n -> n).uid("b");
    numbers.forward().map(n -> n).uid("c");
    numbers.keyBy(n -> n).rebalance().map(n -> n).uid("d");
    numbers.keyBy(n -> n % 2).map(n -> n).uid("e");
    var left = numbers.filter(n -> n > 5).uid("left");
    numbers.union(left, numbers.keyBy(n -> n)).map(n -> n).uid("united");
    numbers.union(left).keyBy(n -> n).sum(0).uid("sum");

    assertThat(edges(env.getJobGraph()))
        .containsExactly(
            "numbers/splits SPLITS numbers",
            "numbers REBALANCE a",
            "numbers BROADCAST b",
            "numbers FORWARD c",
            "numbers REBALANCE d",
            "numbers KEY_GROUP e",
            "numbers FORWARD left",
            "numbers FORWARD united",
            "left FORWARD united",
            "numbers FORWARD united",
            "numbers KEY_GROUP sum",
            "left KEY_GROUP sum");
  }

  /** In front of a join each side is marked, where it must not lose its order. */
  @Test
  void aUnionThatIsJoinedKeepsTheOrderOfEachOfItsStreams() {
    env.setParallelism(4);
    var one = env.fromSequence(1, 10).uid("one").map(n -> n).setParallelism(1).uid("first");
    var two = env.fromSequence(1, 10).uid("two").map(n -> n).setParallelism(2).uid("second");
    one.union(two)
        .join(two)
        .where(n -> n)
        .equalTo(n -> n)
        .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
        .apply((a, b) -> a + b)
        .uid("joined");

    assertThat(edges(env.getJobGraph()).stream().filter(edge -> edge.matches("(first|second) .*")))
        .hasSize(3)
        .allMatch(edge -> edge.contains(" FORWARD "));
  }

  @Test
  void anotherParallelismMeansRebalance() {
    env.setParallelism(3);
    var numbers = env.fromSequence(1, 10).uid("numbers");
    numbers.map(n -> n).setParallelism(2).uid("two");
    numbers.map(n -> n).setParallelism(3).uid("three");

    JobGraph graph = env.getJobGraph();

    assertThat(edges(graph)).contains("numbers REBALANCE two", "numbers FORWARD three");
    assertThat(graph.settings()).containsEntry("parallelism.default", "3");
  }

  @Test
  void forwardToAnotherParallelismIsRefused() {
    env.fromSequence(1, 2).setParallelism(2).forward().map(n -> n).name("one").setParallelism(1);

    assertThatThrownBy(env::getJobGraph)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Source: Sequence", "parallelism 2", "'one'", "rebalance()");
  }

  @Test
  void settersReachTheVertex() {
    env.fromSequence(1, 2)
        .slotSharingGroup("in")
        .map(n -> n)
        .name("work")
        .uid("work")
        .setParallelism(4)
        .setMaxParallelism(64)
        .disableChaining()
        .blocking()
        .filter(n -> true)
        .uid("next")
        .startNewChain()
        .setBufferTimeout(3)
        .slotSharingGroup("out")
        .print()
        .uid("print")
        .name("printer")
        .setParallelism(2);

    JobGraph graph = env.getJobGraph();

    Vertex work = graph.vertex("work");
    assertThat(work)
        .isEqualTo(
            new Vertex(
                "work",
                "work",
                Role.OPERATOR,
                work.code(),
                4,
                64,
                "in",
                true,
                true,
                true,
                List.of()));
    assertThat(graph.vertex("next").chainHead()).isTrue();
    assertThat(graph.vertex("next").chainTail()).isFalse();
    assertThat(graph.vertex("next").bufferTimeout()).contains(Duration.ofMillis(3));
    assertThat(graph.vertex("print").bufferTimeout()).isEmpty();
    assertThat(graph.vertex("print").slotSharingGroup()).isEqualTo("out");
    assertThat(graph.vertex("print").parallelism()).isEqualTo(2);
    assertThat(graph.vertex("print").name()).isEqualTo("printer");
  }

  @Test
  void watermarksOfASourceBelongToIt() {
    env.fromSource(Sources.sequence(1, 3), WatermarkStrategy.forMonotonousTimestamps(), "numbers")
        .uid("numbers")
        .setParallelism(2)
        .map(n -> n)
        .uid("map")
        .setParallelism(2);

    JobGraph graph = env.getJobGraph();

    assertThat(edges(graph))
        .containsExactly("numbers/splits SPLITS numbers", "numbers FORWARD map");
    var code = (ReaderCode<?>) graph.vertex("numbers").code().open(getClass().getClassLoader());
    assertThat(code.strategy().leavesTimeAlone()).isFalse();
  }

  @Test
  void derivedUidsAreStableAndDistinct() {
    assertThat(uids(twinMaps())).isEqualTo(uids(twinMaps())).doesNotHaveDuplicates();
  }

  @Test
  void derivedUidsDoNotDependOnNamesUidsOrParallelismUpstream() {
    var plain = StreamExecutionEnvironment.getExecutionEnvironment();
    plain.fromSequence(1, 2).map(n -> n).print();
    var adorned = StreamExecutionEnvironment.getExecutionEnvironment();
    adorned.fromSequence(5, 6).name("n").uid("u").setParallelism(3).map(n -> -n).name("m").print();

    List<String> left = uids(plain.getJobGraph());
    List<String> right = uids(adorned.getJobGraph());

    assertThat(right.subList(2, 4)).isEqualTo(left.subList(2, 4));
  }

  @Test
  void theSameUidTwiceIsRefused() {
    env.fromSequence(1, 2).map(n -> n).name("a").uid("x").map(n -> n).name("b").uid("x");

    assertThatThrownBy(env::getJobGraph)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'a'", "'b'", "'x'");
  }

  @Test
  void aFunctionThatCannotTravelIsRefusedWhereItIsHandedIn() {
    var thread = new ThreadGroup("x");
    var numbers = env.fromSequence(1, 2).name("numbers");

    assertThatThrownBy(() -> numbers.map(n -> thread.getName()))
        .isInstanceOf(NotSerializableCodeException.class)
        .hasMessageContainingAll(
            "'Map'", "'numbers'", "JobGraphTest::lambda.arg$1 (java.lang.ThreadGroup)");
    assertThatThrownBy(() -> numbers.map(new Holder(thread)))
        .isInstanceOf(NotSerializableCodeException.class)
        .hasMessageContaining("JobGraphTest$Holder.group (java.lang.ThreadGroup)");
    assertThatThrownBy(() -> numbers.keyBy(n -> thread.getName()))
        .isInstanceOf(NotSerializableCodeException.class)
        .hasMessageContaining("key selector");
  }

  @Test
  void aKeyWithoutAStableHashIsRefused() {
    var numbers = env.fromSequence(1, 2).name("numbers");

    assertThatThrownBy(() -> numbers.keyBy(n -> new NoKey(1), TypeInformation.of(NoKey.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'numbers'", "NoKey", "no hash");
    assertThatThrownBy(() -> numbers.keyBy(n -> new int[] {n.intValue()}))
        .hasMessageContainingAll("'numbers'", "int[]", "no hash");
    assertThat(TypeInformation.of(String[][].class).name()).isEqualTo("java.lang.String[][]");
  }

  @Test
  void typesAreReadWhereTheyCanBeAndDynamicElsewhere() {
    var numbers = env.fromSequence(1, 2);

    assertThat(numbers.map(n -> "" + n).getType().name()).isEqualTo("java.lang.String");
    assertThat(numbers.map(n -> Tuple2.of(n, n)).getType().isDynamic()).isTrue();
    assertThat(
            numbers
                .map(n -> Tuple2.of("", n))
                .returns(new TypeHint<Tuple2<String, Long>>() {})
                .getType()
                .name())
        .isEqualTo("io.millrace.api.tuple.Tuple2<java.lang.String, java.lang.Long>");
    assertThat(numbers.keyBy(n -> new Pair<>(n, "")).getKeyType().isDynamic()).isTrue();
    assertThat(numbers.keyBy(n -> "" + n).getKeyType()).isEqualTo(TypeInformation.of(String.class));
    assertThat(numbers.union(numbers).getType()).isEqualTo(TypeInformation.of(Long.class));
  }

  @Test
  @SuppressWarnings("unchecked")
  void theEdgeOfAKeyedStreamFindsTheKey() throws Exception {
    env.fromSequence(1, 2).keyBy(n -> new Pair<>(n % 2, "k")).reduce(Long::sum).uid("r");

    Edge edge = env.getJobGraph().inputs("r").get(0);
    var code =
        (EdgeCode<Long, Object>) edge.code().open(Thread.currentThread().getContextClassLoader());

    assertThat(code.key().getKey(3L)).isEqualTo(new Pair<>(1L, "k"));
    assertThat(code.keyType().isDynamic()).isTrue();
  }

  @Test
  @SuppressWarnings("unchecked") // the edge was made from these
  void eachPartitioningIsSaidOnItsEdgeAndCustomTakesItsFunctionAlong() throws Exception {
    var numbers = env.fromSequence(1, 10).uid("numbers");
    numbers.shuffle().map(n -> n).uid("shuffled");
    numbers.rescale().map(n -> n).uid("rescaled");
    numbers.global().map(n -> n).uid("global");
    numbers.partitionCustom((text, count) -> text.length() % count, n -> "" + n).print().uid("own");

    List<Edge> edges = env.getJobGraph().outputs("numbers");

    assertThat(edges.stream().map(e -> e.to() + " " + e.partitioning()))
        .containsExactly("shuffled SHUFFLE", "rescaled RESCALE", "global GLOBAL", "own CUSTOM");
    var code = (EdgeCode<Long, ?>) edges.get(3).code().open(getClass().getClassLoader());
    assertThat(code.partitioner().partition(100L, 2)).isEqualTo(1);
    assertThat(code.key()).isNull();
  }

  private static JobGraph twinMaps() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    var numbers = env.fromSequence(1, 2);
    numbers.map(n -> n).print();
    numbers.map(n -> n).print();
    env.fromSequence(1, 2).print();
    return env.getJobGraph();
  }

  private static List<String> uids(JobGraph graph) {
    return graph.vertices().stream().map(Vertex::uid).toList();
  }

  private static List<String> edges(JobGraph graph) {
    return graph.edges().stream()
        .map(e -> e.from() + " " + e.partitioning() + " " + e.to())
        .toList();
  }
}
