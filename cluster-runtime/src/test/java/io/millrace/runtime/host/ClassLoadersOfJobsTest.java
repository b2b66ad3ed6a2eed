package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster runs job after job; what they brought goes with them. */
class ClassLoadersOfJobsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** What makes equals and hashCode of records remembers the last type that it was used for. */
  private static final int KEPT_BY_JAVA = 1;

  @TempDir Path folder;

  /** An immutable type, as a key and as a record. */
  public record Item(String name, int shelf) {}

  /** A mutable type with fields of other kinds. */
  public static final class Basket {
    public List<Item> items = new ArrayList<>();
    public Map<String, Long> counts = new LinkedHashMap<>();
    public Kind kind = Kind.FULL;
  }

  /** Values with classes of their own. */
  public enum Kind {
    FULL {
      @Override
      long weight() {
        return 2;
      }
    },
    EMPTY {
      @Override
      long weight() {
        return 1;
      }
    };

    abstract long weight();
  }

  /** Values, maps and timers of types that are the job's own. */
  public static final class Fill extends KeyedProcessFunction<Item, Long, Basket> {
    private transient ValueState<Basket> basket;
    private transient MapState<Item, Kind> kinds;

    @Override
    public void open(OpenContext context) {
      basket = getRuntimeContext().getState(new ValueStateDescriptor<>("basket", Basket.class));
      kinds =
          getRuntimeContext()
              .getMapState(new MapStateDescriptor<>("kinds", Item.class, Kind.class));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Basket> out)
        throws Exception {
      Basket now = basket.value() == null ? new Basket() : basket.value();
      now.counts.merge("all", 1L, Long::sum);
      now.items.add(context.getCurrentKey());
      basket.update(now);
      kinds.put(context.getCurrentKey(), number % 2 == 0 ? Kind.FULL : Kind.EMPTY);
      context.timerService().registerEventTimeTimer(number + 10);
      out.collect(now);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Basket> out) {
      out.collect(new Basket());
    }
  }

  private static JobGraph graph() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2).enableCheckpointing(50);
    env.fromSequence(1, 400)
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Long>forMonotonousTimestamps()
                .withTimestampAssigner((number, before) -> number))
        .keyBy(number -> new Item("shelf", (int) (number % 5)))
        .process(new Fill())
        .map(basket -> basket.kind.weight() + basket.items.size())
        .keyBy(weight -> weight % 3)
        .window(TumblingEventTimeWindows.of(Duration.ofMillis(50)))
        .reduce((one, other) -> one + other)
        .sinkTo(new DiscardingSink<>());
    return env.getJobGraph();
  }

  /** Loaders as a session has them: jobs here come without jars, and are given this one. */
  private final class OfJar implements UserClasses {
    final List<WeakReference<ClassLoader>> made = new ArrayList<>();
    private final JarClasses classes =
        new JarClasses(ClassLoadersOfJobsTest.class.getClassLoader());
    private final JarRef jar;

    OfJar(JarRef jar) {
      this.jar = jar;
    }

    @Override
    public ClassLoader open(JobId job, List<JarRef> none) throws IOException {
      ClassLoader loader = classes.open(job, List.of(jar));
      synchronized (this) {
        if (made.stream().noneMatch(each -> each.refersTo(loader))) {
          made.add(new WeakReference<>(loader));
        }
      }
      return loader;
    }

    @Override
    public void release(JobId job) {
      classes.release(job);
    }

    synchronized long left() {
      System.gc();
      return made.stream().filter(each -> !each.refersTo(null)).count();
    }
  }

  @Test
  @Timeout(180)
  void noLoaderOutlivesItsJob() throws Exception {
    runJobs(30);
  }

  @Test
  @Tag("long")
  @Timeout(1200)
  void metaspaceStaysFlatOver500Jobs() throws Exception {
    runJobs(500);
  }

  private void runJobs(int count) throws Exception {
    var classes = new OfJar(jar());
    JobGraph graph = graph();
    try (var cluster =
        LocalCluster.start(Configuration.EMPTY, new MemoryCheckpointStore(), classes)) {
      long warm = 0;
      for (int i = 1; i <= count; i++) {
        cluster.submit(graph).await();
        if (i == 10) {
          Eventually.holds(
              "the first jobs' loaders go", SOON, () -> classes.left() <= KEPT_BY_JAVA);
          warm = metaspaceBytes();
        }
      }
      assertThat(classes.made).as("one for each job").hasSizeGreaterThanOrEqualTo(count);
      Eventually.holds("all loaders go", SOON, () -> classes.left() <= KEPT_BY_JAVA);
      // A job of this kind loads about 300 KB of classes.
      assertThat(metaspaceBytes() - warm).as("growth in bytes").isLessThan(3 << 20);
    }
  }

  private static long metaspaceBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Metaspace"))
        .map(MemoryPoolMXBean::getUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }

  /** This class and those inside it. */
  private JarRef jar() throws Exception {
    Path path = folder.resolve("job.jar");
    String folderName = ClassLoadersOfJobsTest.class.getPackageName().replace('.', '/') + "/";
    Path classes =
        Path.of(
            ClassLoadersOfJobsTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    try (var jar = new JarOutputStream(Files.newOutputStream(path));
        Stream<Path> files = Files.list(classes.resolve(folderName))) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(ClassLoadersOfJobsTest.class.getSimpleName())) {
          jar.putNextEntry(new JarEntry(folderName + name));
          try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(jar);
          }
        }
      }
    }
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(path));
    return new JarRef(HexFormat.of().formatHex(hash), "job.jar", path.toString());
  }
}
