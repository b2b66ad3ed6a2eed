package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.savepoint.KeyedReader;
import io.millrace.runtime.savepoint.NewOperator;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.SavepointWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Savepoints that are read and written without a job. */
@Timeout(120)
class OfflineSavepointTest {
  private static final int KEYS = 7;
  private static final ValueStateDescriptor<Long> COUNT =
      new ValueStateDescriptor<>("count", Long.class);
  private static final ListStateDescriptor<String> NAMES =
      new ListStateDescriptor<>("names", String.class);
  private static final MapStateDescriptor<String, Integer> RULES =
      new MapStateDescriptor<>("rules", String.class, Integer.class);

  private final ClassLoader loader = OfflineSavepointTest.class.getClassLoader();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** Counts each key's records from where its state was. */
  private static final class Counting extends KeyedProcessFunction<Long, Long, String>
      implements CheckpointedFunction {
    private final ValueStateDescriptor<Long> descriptor;
    private transient ValueState<Long> count;
    private transient String names;
    private final LongCounter records = new LongCounter();

    Counting(ValueStateDescriptor<Long> descriptor) {
      this.descriptor = descriptor;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
      var all = new ArrayList<String>();
      context.getOperatorStateStore().getUnionListState(NAMES).get().forEach(all::add);
      names = String.join("+", all);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(descriptor);
      getRuntimeContext().addAccumulator("records", records);
    }

    @Override
    public void processElement(Long value, Context context, Collector<String> out)
        throws Exception {
      records.add(1);
      count.update(count.value() == null ? 1 : count.value() + 1);
      out.collect(context.getCurrentKey() + " " + count.value() + " " + names);
    }
  }

  private static StreamExecutionEnvironment program(
      String backend,
      int parallelism,
      ValueStateDescriptor<Long> descriptor,
      CommittedOutput output) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    env.setMaxParallelism(16);
    env.set("state.backend.type", backend);
    env.set("execution.checkpointing.interval", "30 ms");
    env.set("restart-strategy.type", "none");
    env.fromGenerator(index -> index, 10_000_000, 15_000)
        .uid("numbers")
        .keyBy(value -> value % KEYS)
        .process(new Counting(descriptor))
        .uid("counting")
        .sinkTo(output)
        .uid("lines");
    return env;
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void aJobGoesOnFromWhatWasWrittenAndWhatItLeavesIsRead(String backend) throws Exception {
    var output = new CommittedOutput("offline " + backend);
    var counting =
        new NewOperator("counting", loader)
            .keyed(
                TypeInformation.of(Long.class),
                state -> {
                  for (long key = 0; key < KEYS; key++) {
                    state.setCurrentKey(key);
                    state.value(COUNT).update(1_000 * (key + 1));
                  }
                })
            .unionList(NAMES, List.of("a", "b"));
    String written =
        SavepointWriter.fromNothing(16).put(counting).write(store, "memory:/offline/first");

    String left = run(backend, 3, output, written, 'a');
    for (long key = 0; key < KEYS; key++) {
      assertThat(output.records()).contains(key + " " + (1_000 * (key + 1) + 1) + " a+b");
    }
    Savepoint savepoint = Savepoint.load(store, left);
    assertThat(counts(savepoint)).isEqualTo(highest(output));

    String copy = SavepointWriter.from(savepoint, 16).write(store, "memory:/offline/copy");
    assertThat(accumulators(copy)).isNotEmpty().isEqualTo(accumulators(left));

    var halved =
        new NewOperator("counting", loader)
            .keyed(
                TypeInformation.of(Long.class),
                state -> {
                  for (var entry : keyed(savepoint).values(COUNT)) {
                    state.setCurrentKey(entry.key());
                    state.value(COUNT).update(1_000_000 * (entry.key() + 1));
                  }
                });
    String replaced =
        SavepointWriter.from(savepoint, 16).put(halved).write(store, "memory:/offline/second");
    String last = run(backend, 2, output, replaced, 'b');
    assertThat(output.records()).contains("3 4000001 ");
    assertThat(counts(Savepoint.load(store, last))).isEqualTo(highest(output));
  }

  @Test
  void whatExpiresLivesFromWhenItWasPutIn() throws Exception {
    var output = new CommittedOutput("offline expiring");
    var expiring = new ValueStateDescriptor<>("count", Long.class);
    expiring.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofDays(1)).build());
    long twoDaysAgo = System.currentTimeMillis() - Duration.ofDays(2).toMillis();
    var counting =
        new NewOperator("counting", loader)
            .keyed(
                TypeInformation.of(Long.class),
                state -> {
                  for (long key = 0; key < KEYS - 1; key++) {
                    state.setCurrentKey(key);
                    state.value(expiring).update(1_000 * (key + 1));
                  }
                  state.now(twoDaysAgo);
                  state.setCurrentKey(KEYS - 1L);
                  state.value(expiring).update(1_000L * KEYS);
                });
    String written =
        SavepointWriter.fromNothing(16).put(counting).write(store, "memory:/offline/expiring");

    run("hashmap", 2, expiring, output, written, 'e');

    for (long key = 0; key < KEYS - 1; key++) {
      assertThat(output.records()).contains(key + " " + (1_000 * (key + 1) + 1) + " ");
    }
    assertThat(output.records()).contains((KEYS - 1) + " 1 ");
  }

  private Map<String, Object> accumulators(String path) {
    var found = Procedure.run(new FindCheckpoint(OptionalLong.empty()), store.names(path));
    var manifest = ((Step.Done<FindCheckpoint.Found>) found).result().intact().get(0).manifest();
    return Accumulators.results(
        manifest.states().stream().flatMap(state -> state.accumulators().stream()).toList(),
        loader);
  }

  private KeyedReader<Long> keyed(Savepoint savepoint) {
    return savepoint.keyed("counting", TypeInformation.of(Long.class), loader);
  }

  private Map<Long, Long> counts(Savepoint savepoint) {
    var counts = new TreeMap<Long, Long>();
    for (KeyedReader.Entry<Long, Long> entry : keyed(savepoint).values(COUNT)) {
      counts.put(entry.key(), entry.value());
    }
    return counts;
  }

  private static Map<Long, Long> highest(CommittedOutput output) {
    var highest = new TreeMap<Long, Long>();
    for (String line : output.records()) {
      String[] words = line.split(" ");
      highest.merge(Long.valueOf(words[0]), Long.valueOf(words[1]), Math::max);
    }
    return highest;
  }

  private String run(
      String backend, int parallelism, CommittedOutput output, String from, char name)
      throws Exception {
    return run(backend, parallelism, COUNT, output, from, name);
  }

  private String run(
      String backend,
      int parallelism,
      ValueStateDescriptor<Long> descriptor,
      CommittedOutput output,
      String from,
      char name)
      throws Exception {
    JobId id = LocalJobs.id(name);
    try (var jobs = new LocalJobs(store, loader)) {
      long before = output.records().size();
      var program = program(backend, parallelism, descriptor, output).getJobGraph();
      JobClient job = jobs.start(id, program, Optional.of(new RestoreFrom(from, false)));
      Eventually.holds("more is committed", () -> output.records().size() > before + 100);
      String savepoint = jobs.stop(id, ClientRequest.Then.STOP);
      job.await();
      return savepoint;
    }
  }

  @Test
  void everyKindOfStateComesBack() throws Exception {
    var elements = new ListStateDescriptor<>("elements", Integer.class);
    var sum = new ReducingStateDescriptor<Long>("sum", Long::sum, Long.class);
    var operator =
        new NewOperator("all", loader)
            .keyed(
                TypeInformation.of(String.class),
                state -> {
                  for (String key : List.of("x", "y")) {
                    state.setCurrentKey(key);
                    state.value(COUNT).update((long) key.charAt(0));
                    state.list(elements).addAll(List.of(1, 2));
                    state.map(RULES).put(key, 3);
                    state.reducing(sum).add(4L);
                    state.reducing(sum).add(5L);
                    state.setTimer(TimerDomain.EVENT_TIME, key.equals("x") ? 20 : 10);
                  }
                })
            .list(NAMES, List.of("n", "m"))
            .broadcast(RULES, Map.of("r", 7));
    String path = SavepointWriter.fromNothing(128).put(operator).write(store, "memory:/all");

    Savepoint savepoint = Savepoint.load(store, path);
    var reader = savepoint.keyed("all", TypeInformation.of(String.class), loader);
    assertThat(reader.values(COUNT))
        .containsExactlyInAnyOrder(entry("x", (long) 'x'), entry("y", (long) 'y'));
    assertThat(reader.lists(elements))
        .containsExactlyInAnyOrder(entry("x", List.of(1, 2)), entry("y", List.of(1, 2)));
    assertThat(reader.maps(RULES))
        .containsExactlyInAnyOrder(entry("x", Map.of("x", 3)), entry("y", Map.of("y", 3)));
    assertThat(reader.reduced(sum)).containsExactlyInAnyOrder(entry("x", 9L), entry("y", 9L));
    assertThat(reader.timers(TimerDomain.EVENT_TIME))
        .containsExactly(
            new KeyedReader.Timer<>("y", TimerDomain.EVENT_TIME, 10),
            new KeyedReader.Timer<>("x", TimerDomain.EVENT_TIME, 20));
    assertThat(reader.timers(TimerDomain.PROCESSING_TIME)).isEmpty();
    assertThatThrownBy(() -> reader.values(new ValueStateDescriptor<>("cuont", Long.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the operator with the uid 'all' has no state 'cuont' under keys; there is [count,"
                + " elements, rules, sum]");
    assertThatThrownBy(() -> reader.lists(new ListStateDescriptor<>("timers", Long.class)))
        .hasMessageContaining("no state 'timers' under keys");
    assertThatThrownBy(
            () ->
                reader
                    .values(new ValueStateDescriptor<>("elements", Long.class))
                    .iterator()
                    .hasNext())
        .hasMessageContaining("state 'elements' is a list in the checkpoint");
    assertThat(savepoint.list("all", NAMES, loader)).containsExactly("n", "m");
    assertThat(savepoint.broadcast("all", RULES, loader)).isEqualTo(Map.of("r", 7));

    String copy =
        SavepointWriter.from(savepoint, 128)
            .put(new NewOperator("more", loader).list(NAMES, List.of("z")))
            .write(store, "memory:/copy");
    assertThat(Savepoint.load(store, copy).list("all", NAMES, loader)).containsExactly("n", "m");
    assertThat(Savepoint.load(store, copy).list("more", NAMES, loader)).containsExactly("z");
    String less =
        SavepointWriter.from(Savepoint.load(store, copy), 128)
            .remove("all")
            .write(store, "memory:/less");
    assertThatThrownBy(() -> Savepoint.load(store, less).list("all", NAMES, loader))
        .hasMessageContaining("no state of an operator with the uid 'all'; there is of [more]");
  }

  private static <V> KeyedReader.Entry<String, V> entry(String key, V value) {
    return new KeyedReader.Entry<>(key, value);
  }

  /** Somebody else writes there in the meantime. */
  private record Raced(CheckpointStore store, Callable<?> meanwhile) implements CheckpointStore {
    @Override
    public String directoryOf(JobId job) {
      return store.directoryOf(job);
    }

    @Override
    public String folder(String named) throws IOException {
      return store.folder(named);
    }

    @Override
    public DurableNames names(String directory) {
      return store.names(directory);
    }

    @Override
    public void writeState(String directory, String file, Iterable<byte[]> parts)
        throws IOException {
      try {
        meanwhile.call();
      } catch (Exception e) {
        throw new IOException(e);
      }
      store.writeState(directory, file + "-raced", parts);
    }

    @Override
    public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
      return store.readState(directory, range);
    }

    @Override
    public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
        throws IOException {
      return store.readPart(directory, range, from, length);
    }
  }

  @Test
  void doesNotTakeAnothersSavepointForItsOwn() throws Exception {
    var theirs = new NewOperator("theirs", loader).list(NAMES, List.of("t"));
    var raced =
        new Raced(
            store, () -> SavepointWriter.fromNothing(16).put(theirs).write(store, "memory:/raced"));
    var ours = new NewOperator("ours", loader).list(NAMES, List.of("o"));

    assertThatThrownBy(
            () -> SavepointWriter.fromNothing(16).put(ours).write(raced, "memory:/raced"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("memory:/raced")
        .hasMessageContaining("name a new directory");
    assertThat(Savepoint.load(store, "memory:/raced").list("theirs", NAMES, loader))
        .containsExactly("t");
  }

  @Test
  void refusesWhatIsNotThereAndNamesIt() throws Exception {
    assertThatThrownBy(() -> Savepoint.load(store, "memory:/none"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no savepoint at memory:/none");
    var operator = new NewOperator("all", loader).list(NAMES, List.of("n"));
    String path = SavepointWriter.fromNothing(128).put(operator).write(store, "memory:/one");
    assertThatThrownBy(() -> SavepointWriter.fromNothing(1).write(store, path))
        .hasMessageContaining("there is something at memory:/one already");
    Savepoint savepoint = Savepoint.load(store, path);
    assertThatThrownBy(() -> savepoint.broadcast("all", RULES, loader))
        .hasMessageContaining("has no state 'rules'");
    assertThatThrownBy(
            () -> savepoint.list("all", new ListStateDescriptor<>("names", Long.class), loader))
        .hasMessageContaining("the type was java.lang.String, is java.lang.Long");
    assertThatThrownBy(() -> SavepointWriter.from(savepoint, 128).remove("al"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no operator with the uid 'al'")
        .hasMessageContaining("[all]");
    assertThatThrownBy(() -> SavepointWriter.fromNothing(0))
        .hasMessageContaining("must be 1 to 32768, found 0");
  }
}
