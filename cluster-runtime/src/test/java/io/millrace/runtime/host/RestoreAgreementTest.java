package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RuntimeContext;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Types;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.savepoint.StateCheck.Fate;
import io.millrace.runtime.savepoint.StateCheck.Finding;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said beforehand of a start from a savepoint is what the start comes to. */
@Timeout(180)
class RestoreAgreementTest {
  private static final boolean ALLOWED = true;
  private static final AtomicInteger OUTPUTS = new AtomicInteger();

  private final ClassLoader loader = RestoreAgreementTest.class.getClassLoader();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final LocalJobs jobs = new LocalJobs(store, loader);
  private int lastId;
  private String path;

  @AfterEach
  void close() {
    jobs.close();
  }

  /** States under keys. */
  private interface Keyed extends Serializable {
    void declare(RuntimeContext context) throws Exception;
  }

  /** States of the operator's own. */
  private interface Own extends Serializable {
    void declare(OperatorStateStore store) throws Exception;
  }

  private static class Declaring extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointedFunction {
    private final Keyed keyed;
    private final Own own;

    Declaring(Keyed keyed, Own own) {
      this.keyed = keyed;
      this.own = own;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      own.declare(context.getOperatorStateStore());
    }

    @Override
    public void open(OpenContext context) throws Exception {
      keyed.declare(getRuntimeContext());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) throws Exception {
      out.collect(value);
    }
  }

  /** What ran. */
  private static final class Before extends Declaring {
    Before() {
      super(context -> {}, Before::ownOf);
    }

    private static void ownOf(OperatorStateStore own) throws Exception {
      own.getListState(new ListStateDescriptor<>("own", Integer.class)).add(1);
      own.getBroadcastState(new MapStateDescriptor<>("rules", String.class, Integer.class))
          .put("x", 1);
    }

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) throws Exception {
      var runtime = getRuntimeContext();
      runtime.getState(new ValueStateDescriptor<>("number", Integer.class)).update(1);
      runtime.getState(new ValueStateDescriptor<>("text", String.class)).update("x");
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
      out.collect(value);
    }
  }

  /** A program, of which each test changes something. */
  private static final class Program {
    String backend = "hashmap";
    String uid = "states";
    int maxParallelism = 16;
    int parallelism = 2;
    boolean keyed = true;
    boolean mapped;
    long windowMillis;
    KeyedProcessFunction<Long, Long, Long> function = new Before();

    Program keyed(Keyed states) {
      function = new Declaring(states, own -> {});
      return this;
    }

    Program own(Own states) {
      function = new Declaring(context -> {}, states);
      return this;
    }

    StreamExecutionEnvironment to(CommittedOutput output) {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(parallelism);
      env.setMaxParallelism(maxParallelism);
      env.set("state.backend.type", backend);
      env.set("execution.checkpointing.interval", "30 ms");
      env.set("restart-strategy.type", "none");
      var numbers = env.fromGenerator(index -> index, 10_000_000, 15_000).uid("numbers");
      if (mapped) {
        numbers = numbers.map(value -> value).uid("mapped");
      }
      if (windowMillis > 0) {
        var timed =
            WatermarkStrategy.<Long>forMonotonousTimestamps()
                .withTimestampAssigner((value, timestamp) -> value);
        numbers
            .assignTimestampsAndWatermarks(timed)
            .uid("times")
            .keyBy(value -> value % 7)
            .window(TumblingEventTimeWindows.of(Duration.ofMillis(windowMillis)))
            .reduce(Long::sum)
            .uid(uid)
            .map(value -> "" + value)
            .uid("texts")
            .sinkTo(output)
            .uid("lines");
        return env;
      }
      var states =
          keyed
              ? numbers.keyBy(value -> value % 7).process(function).name("States").uid(uid)
              : numbers.map(value -> value).name("States").uid(uid);
      states.map(value -> "" + value).uid("texts").sinkTo(output).uid("lines");
      return env;
    }
  }

  private static Program program() {
    return new Program();
  }

  /** No two jobs of this JVM have the same. */
  private static CommittedOutput output() {
    return new CommittedOutput("agreement " + OUTPUTS.incrementAndGet());
  }

  private JobId nextId() {
    return LocalJobs.id(Character.forDigit(lastId++, 16));
  }

  private void stopped(Program program) throws Exception {
    var output = output();
    JobId id = nextId();
    JobClient job = jobs.start(id, program.to(output).getJobGraph());
    Eventually.holds("each key has state", () -> output.records().size() > 100);
    path = jobs.stop(id, ClientRequest.Then.STOP);
    job.await();
  }

  private void agree(Program program, boolean allowed, boolean starts, String... why)
      throws Exception {
    var output = output();
    var graph = program.to(output).getJobGraph();
    Savepoint savepoint = Savepoint.load(store, path);
    JobPlan plan = JobPlan.of(graph, Configuration.EMPTY);
    List<Finding> findings = StateCheck.of(graph, plan, loader, savepoint, allowed);
    assertThat(findings).as("all is known").noneMatch(each -> each.fate() == Fate.UNKNOWN);
    if (starts) {
      assertThat(findings).noneMatch(each -> each.fate() == Fate.REFUSED);
    } else {
      assertThat(findings).anyMatch(each -> each.fate() == Fate.REFUSED);
    }

    JobId id = nextId();
    JobClient job = jobs.start(id, graph, Optional.of(new RestoreFrom(path, allowed)));
    Eventually.holds(
        "it runs or has failed",
        () -> output.records().size() > 100 || job.getJobStatus().join().isTerminalState());
    assertThat(job.getJobStatus().join()).isEqualTo(starts ? JobStatus.RUNNING : JobStatus.FAILED);
    if (starts) {
      job.cancel().join();
    }
    String end = end(job);
    for (String each : why) {
      assertThat(end).as("it says so too").contains(each);
      assertThat(findings)
          .anyMatch(found -> (found.operator() + found.state() + found.text()).contains(each));
    }
  }

  private static String end(JobClient job) throws InterruptedException {
    try {
      job.await();
      return "";
    } catch (JobFailedException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void ofOperatorsThatComeAndGo(String backend) throws Exception {
    Program old = program();
    old.backend = backend;
    stopped(old);

    Program same = program();
    same.backend = backend;
    agree(same, !ALLOWED, true);
    Program more = program();
    more.backend = backend;
    more.mapped = true;
    agree(more, !ALLOWED, true);
    Program gone = program();
    gone.backend = backend;
    gone.uid = "others";
    agree(gone, !ALLOWED, false, "uid 'states'", "--allowNonRestoredState");
    agree(gone, ALLOWED, true);
    Program unkeyed = program();
    unkeyed.backend = backend;
    unkeyed.keyed = false;
    agree(unkeyed, !ALLOWED, false, "no keyBy");
    agree(unkeyed, ALLOWED, false, "no keyBy");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void ofStatesWithOtherNamesAndTypes(String backend) throws Exception {
    Program old = program();
    old.backend = backend;
    stopped(old);

    agree(
        with(backend, context -> context.getState(value("renamed", Integer.class))),
        !ALLOWED,
        true);
    agree(with(backend, context -> context.getState(value("number", Long.class))), !ALLOWED, true);
    agree(
        with(backend, context -> context.getState(value("text", Long.class))),
        !ALLOWED,
        false,
        "state 'text' holds java.lang.String");
    agree(with(backend, context -> context.getState(value("text", Long.class))), ALLOWED, false);
    agree(
        with(
            backend,
            context -> context.getListState(new ListStateDescriptor<>("number", Integer.class))),
        !ALLOWED,
        false,
        "state 'number' is a value in the checkpoint");
  }

  private static <T> ValueStateDescriptor<T> value(String name, Class<T> type) {
    return new ValueStateDescriptor<>(name, type);
  }

  private static Program with(String backend, Keyed states) {
    Program program = program().keyed(states);
    program.backend = backend;
    return program;
  }

  @Test
  void ofStatesThatBelongToNoKey() throws Exception {
    stopped(program());

    agree(
        program().own(own -> own.getListState(new ListStateDescriptor<>("own", Long.class))),
        !ALLOWED,
        true);
    agree(
        program().own(own -> own.getListState(new ListStateDescriptor<>("fresh", Long.class))),
        !ALLOWED,
        true);
    agree(
        program().own(own -> own.getListState(new ListStateDescriptor<>("own", String.class))),
        !ALLOWED,
        false,
        "java.lang.Integer");
    agree(
        program()
            .own(own -> own.getUnionListState(new ListStateDescriptor<>("own", Integer.class))),
        !ALLOWED,
        false);
    agree(
        program()
            .own(
                own ->
                    own.getBroadcastState(
                        new MapStateDescriptor<>("rules", String.class, Long.class))),
        !ALLOWED,
        true);
  }

  /** Those that share slices can be told by nothing but their state. */
  @Test
  void ofWindowsOfAnotherSize() throws Exception {
    Program old = program();
    old.windowMillis = 40;
    stopped(old);

    Program same = program();
    same.windowMillis = 40;
    agree(same, !ALLOWED, true);
    Program longer = program();
    longer.windowMillis = 60;
    agree(longer, !ALLOWED, false, "slices of windows of 40 ms every 40 ms");
  }

  @Test
  void ofParallelism() throws Exception {
    stopped(program());

    Program wider = program();
    wider.parallelism = 3;
    agree(wider, !ALLOWED, true);
    Program cut = program();
    cut.maxParallelism = 8;
    agree(cut, !ALLOWED, false, "set it back to 16");
    agree(cut, ALLOWED, false, "set it back to 16");
  }

  @ParameterizedTest
  @CsvSource({"hashmap, rocksdb", "rocksdb, hashmap"})
  void ofASavepointInTheOtherStore(String from, String to) throws Exception {
    Program old = program();
    old.backend = from;
    stopped(old);

    Program other = program();
    other.backend = to;
    agree(other, !ALLOWED, true);
  }

  /** Its files are the store's own. */
  @Test
  void ofAnIncrementalCheckpointInTheOtherStore() throws Exception {
    Program old = program();
    old.backend = "rocksdb";
    var output = output();
    JobId id = nextId();
    JobClient job = jobs.start(id, old.to(output).getJobGraph());
    Eventually.holds("each key has state", () -> output.records().size() > 100);
    job.cancel().join();
    end(job);
    path = store.directoryOf(id);
    assertThat(Savepoint.load(store, path).manifest().states())
        .anyMatch(state -> state.keyed().filter(StateBytes.Files.class::isInstance).isPresent());

    Program same = program();
    same.backend = "rocksdb";
    agree(same, !ALLOWED, true);
    String why = "holds state as files of RocksDB";
    agree(program(), !ALLOWED, false, why, "set state.backend.type: rocksdb");
    agree(program(), ALLOWED, false, why);
    Program gone = program();
    gone.uid = "others";
    agree(gone, ALLOWED, true);
  }

  @Test
  void ofKeysThatTheOtherStoreCannotFind() throws Exception {
    Keyed sets =
        context ->
            context.getMapState(
                new MapStateDescriptor<>("sets", Types.SET(Types.STRING), Types.LONG));
    Program old = program();
    old.function = new WithSets(sets);
    stopped(old);

    agree(with("hashmap", sets), !ALLOWED, true);
    agree(with("rocksdb", sets), !ALLOWED, false, "the keys of map state 'sets'");
  }

  /** Writes what RocksDB would not take. */
  private static final class WithSets extends Declaring {
    WithSets(Keyed sets) {
      super(sets, own -> {});
    }

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) throws Exception {
      getRuntimeContext()
          .getMapState(new MapStateDescriptor<>("sets", Types.SET(Types.STRING), Types.LONG))
          .put(Set.of("x"), value);
      out.collect(value);
    }
  }
}
