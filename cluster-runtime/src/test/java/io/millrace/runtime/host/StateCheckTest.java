package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.task.SplitEntry;
import io.millrace.runtime.taskmanager.OwnState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever can become of a state, told of savepoints that jobs have written. */
@Timeout(120)
class StateCheckTest {
  private final ClassLoader loader = StateCheckTest.class.getClassLoader();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** What ran. */
  private static final class Before extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointedFunction {
    @Override
    public void open(OpenContext context) {
      // What records need is asked for where it is used.
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      var own = context.getOperatorStateStore();
      own.getListState(new ListStateDescriptor<>("own kept", String.class)).add("x");
      own.getListState(new ListStateDescriptor<>("own widened", Integer.class)).add(1);
      own.getListState(new ListStateDescriptor<>("own divided", String.class)).add("x");
      own.getUnionListState(new ListStateDescriptor<>("own retyped", String.class)).add("x");
      own.getBroadcastState(new MapStateDescriptor<>("own rules", String.class, Integer.class))
          .put("x", 1);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) throws Exception {
      var runtime = getRuntimeContext();
      runtime.getState(new ValueStateDescriptor<>("kept", Long.class)).update(value);
      runtime.getListState(new ListStateDescriptor<>("widened", Integer.class)).update(List.of(1));
      runtime.getMapState(new MapStateDescriptor<>("carried", Long.class, Long.class)).put(1L, 1L);
      runtime.getState(new ValueStateDescriptor<>("retyped", String.class)).update("x");
      runtime
          .getReducingState(new ReducingStateDescriptor<Long>("other kind", Long::sum, Long.class))
          .add(1L);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
      out.collect(value);
    }
  }

  /** What is to take its place. */
  private static final class After extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointedFunction {
    private final boolean fails;

    After(boolean fails) {
      this.fails = fails;
    }

    @Override
    public void open(OpenContext context) {
      var runtime = getRuntimeContext();
      runtime.getState(new ValueStateDescriptor<>("kept", Long.class));
      if (fails) {
        throw new AssertionError("no such server");
      }
      runtime.getListState(new ListStateDescriptor<>("widened", Long.class));
      runtime.getState(new ValueStateDescriptor<>("retyped", Long.class));
      runtime.getListState(new ListStateDescriptor<>("other kind", Long.class));
      runtime.getMapState(new MapStateDescriptor<>("new", String.class, Long.class));
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      var own = context.getOperatorStateStore();
      own.getListState(new ListStateDescriptor<>("own kept", String.class));
      own.getListState(new ListStateDescriptor<>("own widened", Long.class));
      own.getUnionListState(new ListStateDescriptor<>("own divided", String.class));
      own.getUnionListState(new ListStateDescriptor<>("own retyped", Long.class));
      own.getListState(new ListStateDescriptor<>("own new", String.class));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      out.collect(value);
    }
  }

  private static StreamExecutionEnvironment program(
      String backend,
      String uid,
      int maxParallelism,
      KeyedProcessFunction<Long, Long, Long> function,
      CommittedOutput output) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.setMaxParallelism(maxParallelism);
    env.set("state.backend.type", backend);
    env.set("execution.checkpointing.interval", "30 ms");
    env.set("restart-strategy.type", "none");
    env.fromGenerator(index -> index, 10_000_000, 15_000)
        .uid("numbers")
        .keyBy(value -> value % 7)
        .process(function)
        .name("States")
        .uid(uid)
        .map(value -> "" + value)
        .uid("texts")
        .sinkTo(output)
        .uid("lines");
    return env;
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void tellsWhatBecomesOfEachStateAndWhy(String backend) throws Exception {
    Manifest savepoint = savepoint(backend);

    assertThat(check(savepoint, program(backend, "states", 16, new After(false), none()), false))
        .containsExactlyInAnyOrder(
            "KEPT kept: ",
            "MIGRATED widened: the type was java.lang.Integer, is java.lang.Long",
            "CARRIED carried: java.lang.Long to java.lang.Long; not declared in open()",
            "REFUSED retyped: state 'retyped' holds java.lang.String in the checkpoint, but the"
                + " program declares java.lang.Long; declare what it was, or give the new state"
                + " another name",
            "REFUSED other kind: state 'other kind' is a value in the checkpoint, but the program"
                + " declares a list; give the new state another name",
            "NEW new: a map of java.lang.String to java.lang.Long",
            "KEPT timers/EVENT_TIME: ",
            "KEPT timers/PROCESSING_TIME: ",
            "KEPT own kept: ",
            "MIGRATED own widened: the type was java.lang.Integer, is java.lang.Long",
            "REFUSED own divided: it is a list in the checkpoint, but the program declares a union"
                + " list; give the new state another name",
            "REFUSED own retyped: it holds java.lang.String, which has changed since the"
                + " checkpoint: the type was java.lang.String, is java.lang.Long; restore the"
                + " fields, or give the changed class or the state a new name",
            "CARRIED own rules: java.lang.String to java.lang.Integer; not declared in open()",
            "NEW own new: ");
    assertThat(check(savepoint, program(backend, "states", 16, new After(true), none()), false))
        .contains(
            "UNKNOWN : open() failed here, so states that it declares after that are not known:"
                + " java.lang.AssertionError: no such server",
            "KEPT kept: ",
            "UNKNOWN retyped: java.lang.String; not declared before that failed")
        .noneMatch(each -> each.startsWith("CARRIED"));
    assertThat(check(savepoint, program(backend, "states", 8, new After(false), none()), false))
        .anyMatch(
            each ->
                each.startsWith("REFUSED : checkpoint ")
                    && each.endsWith(
                        "was taken with max parallelism 16 of 'States' (uid 'states'), the job has"
                            + " 8; set it back to 16"));
    var renamed = program(backend, "renamed", 16, new After(false), none());
    assertThat(check(savepoint, renamed, false))
        .contains(
            "NEW kept: a value of java.lang.Long",
            "REFUSED : the program has no such operator; give the operator its uid again, or drop"
                + " its state with --allowNonRestoredState");
    assertThat(check(savepoint, renamed, true))
        .contains("DROPPED : the program has no such operator")
        .noneMatch(each -> each.startsWith("REFUSED"));
    var unkeyed = StreamExecutionEnvironment.getExecutionEnvironment();
    unkeyed.setMaxParallelism(16);
    unkeyed
        .fromGenerator(index -> index, 10)
        .map(value -> value)
        .uid("states")
        .sinkTo(new DiscardingSink<>());
    assertThat(check(savepoint, unkeyed, true))
        .contains(
            "REFUSED kept: it is under keys in the checkpoint, but no keyBy is in front of the"
                + " operator; give what it is now another uid");
  }

  /** As an unaligned checkpoint has it: no combiner is in the program, the plan puts them in. */
  @Test
  void takesWhatWasInFlightInACombinerForItsOwn() {
    var program = StreamExecutionEnvironment.getExecutionEnvironment();
    program
        .fromGenerator(index -> index, 10)
        .keyBy(value -> value % 2)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(1)))
        .reduce(Long::sum)
        .uid("sums")
        .sinkTo(new DiscardingSink<>());
    var elements = new StateBytes.Inline(new byte[0], StateBytes.crcOf(new byte[0]));
    var inFlight =
        new ChannelState("sums/combine", "sums", 0, "KEY_GROUP", true, 0, 1, 0, 1, 128, elements);
    var combiner =
        new SubtaskState("sums/combine", 0, 1, 128, Optional.empty(), List.of(), Optional.empty())
            .withChannels(List.of(inFlight));

    assertThat(check(manifest(combiner), program, false))
        .noneMatch(line -> line.startsWith("REFUSED"));
  }

  /** The two are there still, and what was in flight between them has nowhere to go. */
  @Test
  void tellsOfRecordsInFlightBetweenOperatorsThatAreNotConnectedAnyMore() {
    var elements = new StateBytes.Inline(new byte[0], StateBytes.crcOf(new byte[0]));
    var inFlight =
        new ChannelState("left", "right", 0, "KEY_GROUP", true, 0, 1, 0, 1, 128, elements);
    var right =
        new SubtaskState("right", 0, 1, 128, Optional.empty(), List.of(), Optional.empty())
            .withChannels(List.of(inFlight));
    var program = StreamExecutionEnvironment.getExecutionEnvironment();
    for (String uid : List.of("left", "right")) {
      program
          .fromGenerator(index -> index, 10)
          .map(value -> value)
          .uid(uid)
          .sinkTo(new DiscardingSink<>());
    }

    assertThat(check(manifest(right), program, false))
        .anyMatch(line -> line.startsWith("REFUSED") && line.contains("in flight from 'left'"));
    assertThat(check(manifest(right), program, true)).noneMatch(line -> line.startsWith("REFUSED"));
  }

  @Test
  void tellsOfSplitsOfASourceThatCannotBeRead() throws Exception {
    @SuppressWarnings("unchecked") // as the engine: splits are Objects
    var other = (Serializer<Object>) (Serializer<?>) Serializers.of(Integer.class);
    byte[] left = new OwnState(List.of(SplitEntry.write(7, other)), List.of()).parts().next();
    var own = new StateBytes.Inline(left, StateBytes.crcOf(left));
    var reader =
        new SubtaskState("numbers", 0, 1, 128, Optional.of(own), List.of(), Optional.empty());
    Procedure.run(new KeepSavepoint(manifest(reader)), store.names("memory:/splits"));
    var program = StreamExecutionEnvironment.getExecutionEnvironment();
    program.fromGenerator(index -> index, 10).uid("numbers").sinkTo(new DiscardingSink<>());
    var graph = program.getJobGraph();

    assertThat(
            StateCheck.of(
                graph,
                JobPlan.of(graph, Configuration.EMPTY),
                loader,
                Savepoint.load(store, "memory:/splits"),
                false))
        .anyMatch(
            each ->
                each.fate() == StateCheck.Fate.REFUSED
                    && each.text()
                        .contains("splits of the source: the type was java.lang.Integer"));
  }

  /** It stands behind keyBy and has never asked for any state, and RocksDB's files are there. */
  @Test
  void takesFilesThatHoldNothingUnderKeysForWhatTheySay() {
    var head = new StateBytes.Inline(new byte[0], StateBytes.crcOf(new byte[0]));
    var nothing =
        new SubtaskState(
            "quiet",
            0,
            1,
            16,
            Optional.empty(),
            List.of(),
            Optional.of(new StateBytes.Files(head, List.of())));
    var program = program("rocksdb", "quiet", 16, new Quiet(), none());

    assertThat(check(manifest(nothing), program, false)).noneMatch(s -> s.startsWith("UNKNOWN"));
  }

  private static final class Quiet extends KeyedProcessFunction<Long, Long, Long> {
    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      out.collect(value);
    }
  }

  @Test
  void tellsOfAccumulatorsOfAnOperatorThatIsGone() {
    var counting =
        new SubtaskState(
            "gone",
            0,
            1,
            128,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(new AccumulatorState("lines", new byte[] {1})));
    var program = StreamExecutionEnvironment.getExecutionEnvironment();
    program.fromGenerator(index -> index, 10).sinkTo(new DiscardingSink<>());

    assertThat(check(manifest(counting), program, false))
        .anyMatch(line -> line.startsWith("REFUSED : the program has no such operator"));
    assertThat(check(manifest(counting), program, true))
        .contains("DROPPED : the program has no such operator");
  }

  private static Manifest manifest(SubtaskState state) {
    return new Manifest(
        new JobId("b".repeat(32)), "b".repeat(32), new Epoch(1, 1), 1, 1, 0, false, List.of(state));
  }

  private static CommittedOutput none() {
    return new CommittedOutput("none");
  }

  /** What is said of everything but sources and sinks. */
  private List<String> check(
      Manifest savepoint, StreamExecutionEnvironment program, boolean allowNonRestored) {
    var graph = program.getJobGraph();
    var plan = JobPlan.of(graph, Configuration.EMPTY);
    return StateCheck.of(graph, plan, loader, savepoint, allowNonRestored).stream()
        .filter(
            each -> !each.operator().startsWith("Source") && !each.operator().startsWith("Sink"))
        .map(each -> each.fate() + " " + each.state() + ": " + each.text())
        .toList();
  }

  private Manifest savepoint(String backend) throws Exception {
    var output = new CommittedOutput("checked " + backend);
    JobId id = LocalJobs.id('a');
    try (var jobs = new LocalJobs(store, loader)) {
      JobClient job =
          jobs.start(id, program(backend, "states", 16, new Before(), output).getJobGraph());
      Eventually.holds("each key has state", () -> output.records().size() > 100);
      String path = jobs.stop(id, ClientRequest.Then.STOP);
      job.await();
      var found = Procedure.run(new FindCheckpoint(OptionalLong.empty()), store.names(path));
      return ((Step.Done<FindCheckpoint.Found>) found).result().intact().get(0).manifest();
    }
  }
}
