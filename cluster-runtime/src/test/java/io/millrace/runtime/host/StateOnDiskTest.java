package io.millrace.runtime.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Jobs whose state is in RocksDB. */
@Timeout(180)
class StateOnDiskTest {
  private static final int KEYS = 500;
  private static final long RECORDS = 40_000;

  /** RocksDB's number for its tables, as they have it in their last bytes. */
  private static final String TABLE_END = "\u00f7\u00cf\u00f4\u0085\u00b7\u0041\u00e2\u0088";

  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  private static StreamExecutionEnvironment program(CommittedOutput output) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("state.backend.type", "rocksdb");
    // Far too small for all keys, so that most of the state is where the test wants it.
    env.set("state.backend.rocksdb.object-cache.size", "20 kb");
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    env.fromGenerator(index -> index, RECORDS, 20_000)
        .map(
            value -> {
              if (SEEN.incrementAndGet() % 8_000 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
                throw new IllegalStateException("injected");
              }
              return value;
            })
        .keyBy(value -> "key" + value % KEYS)
        .process(new Everything())
        .sinkTo(output);
    return env;
  }

  /** Says at the end what each kind of state has seen. */
  private static final class Everything extends KeyedProcessFunction<String, Long, String> {
    private transient ValueState<Long> sum;
    private transient ListState<Long> tenths;
    private transient MapState<String, Long> lastOf;

    @Override
    public void open(OpenContext context) {
      sum = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Long.class));
      tenths = getRuntimeContext().getListState(new ListStateDescriptor<>("tenths", Long.class));
      lastOf =
          getRuntimeContext()
              .getMapState(new MapStateDescriptor<>("lastOf", String.class, Long.class));
    }

    @Override
    public void processElement(Long value, Context context, Collector<String> out)
        throws Exception {
      long round = value / KEYS;
      sum.update((sum.value() == null ? 0 : sum.value()) + round);
      if (round % 10 == 0) {
        tenths.add(round);
      }
      lastOf.put("round mod 3 = " + round % 3, round);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
        throws Exception {
      out.collect(
          context.getCurrentKey()
              + " "
              + sum.value()
              + " "
              + rows(tenths.get())
              + " "
              + rows(lastOf.entries()));
    }

    private static String rows(Iterable<?> values) {
      var text = new StringBuilder();
      values.forEach(value -> text.append(value).append(','));
      return text.toString();
    }
  }

  private static void checkOutput(CommittedOutput output) {
    long rounds = RECORDS / KEYS;
    String tenths =
        IntStream.range(0, (int) rounds)
            .filter(round -> round % 10 == 0)
            .mapToObj(round -> round + ",")
            .reduce("", String::concat);
    var expected = new TreeSet<String>();
    for (int key = 0; key < KEYS; key++) {
      expected.add(
          "key"
              + key
              + " "
              + rounds * (rounds - 1) / 2
              + " "
              + tenths
              + " round mod 3 = 0=78,round mod 3 = 1=79,round mod 3 = 2=77,");
    }
    assertThat(output.records()).hasSize(KEYS);
    assertThat(new TreeSet<>(output.records())).isEqualTo(expected);
  }

  @Test
  void survivesFailures(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    program(output).execute();

    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    checkOutput(output);
  }

  @Test
  void survivesTheDeathOfATaskManagerAndLeavesNothingBehind(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(0);
    SEEN.set(0);
    Path folder;
    var store = new CountingStore();
    try (var cluster =
        LocalCluster.start(
            Configuration.EMPTY, store, new OneLoader(StateOnDiskTest.class.getClassLoader()))) {
      JobClient job = cluster.submit(program(output).getJobGraph());
      folder = cluster.workFolder();
      Eventually.holds("half of the records are seen", () -> SEEN.get() > RECORDS / 2);
      assertThat(folder).isNotEmptyDirectory();
      assertThat(cluster.killOne()).isPresent();
      job.await();
    }
    assertThat(SEEN.get()).isGreaterThan(RECORDS);
    checkOutput(output);
    assertThat(store.written()).isNotEmpty();
    assertThat(store.reads()).as("reads of what the dead one has copies of").isZero();
    assertThat(folder).doesNotExist();
  }

  /** Nobody looks at all of a large copy first; what is wrong with it is found when it is read. */
  @Test
  void damagedCopiesOfTheDeadCostAStartAndNoResult(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(0);
    SEEN.set(0);
    var store = new CountingStore();
    var classes = new DamagingClasses();
    try (var cluster = LocalCluster.start(Configuration.EMPTY, store, classes)) {
      JobClient job = cluster.submit(program(output).getJobGraph());
      Eventually.holds("half of the records are seen", () -> SEEN.get() > RECORDS / 2);
      classes.damageIn = cluster.workFolder();
      assertThat(cluster.killOne()).isPresent();
      job.await();
    }
    assertThat(classes.damaged()).as("damaged tables").isPositive();
    checkOutput(output);
    assertThat(store.reads()).as("reads of what is damaged").isPositive();
  }

  /**
   * Damages what the dead have left as soon as a task is to start anew: from then on to its first
   * record nobody writes tables, and none is in a cache.
   */
  private static final class DamagingClasses implements UserClasses {
    private final UserClasses classes = new OneLoader(StateOnDiskTest.class.getClassLoader());

    /** {@code null} when nothing is to be damaged. */
    private volatile Path damageIn;

    private int damaged;

    @Override
    public synchronized ClassLoader open(JobId job, List<JarRef> jars) throws IOException {
      if (damageIn != null) {
        // What fails here, because a file has just gone, is a failed start: the next one goes on.
        for (Path table : tables(damageIn)) {
          damage(table);
          damaged++;
        }
        damageIn = null;
      }
      return classes.open(job, jars);
    }

    synchronized int damaged() {
      return damaged;
    }

    @Override
    public void release(JobId job) {
      classes.release(job);
    }
  }

  /** Those of all TaskManagers, dead or alive, by whatever name: they end like no other file. */
  private static List<Path> tables(Path folder) throws IOException {
    var tables = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(end(file), ISO_8859_1).equals(TABLE_END)) {
          tables.add(file);
        }
      }
    }
    return tables;
  }

  private static byte[] end(Path file) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
      var end = new byte[(int) Math.min(TABLE_END.length(), bytes.length())];
      bytes.seek(bytes.length() - end.length);
      bytes.readFully(end);
      return end;
    }
  }

  /** Doing it again changes nothing: the same file may have several names. */
  private static void damage(Path file) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      for (long at = 0; at < bytes.length(); at += 512) {
        bytes.seek(at);
        bytes.write('#');
      }
    }
  }
}
