package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStreamSink;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.harness.Contract.Case;
import io.millrace.runtime.harness.Contract.Item;
import io.millrace.runtime.harness.Contract.Step;
import io.millrace.runtime.harness.Contract.Store;
import io.millrace.runtime.harness.OperatorHarness.Emitted;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.state.StateContents;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every operator owes: whatever stands in its way or tears it down, it emits what it would
 * have emitted undisturbed.
 */
class OperatorContractTest {
  private static final String KEYS = "abcde";

  static List<Case> cases() {
    return OperatorCases.all();
  }

  /** An operator that is not in the list would not be driven. */
  @Test
  void listsEveryOperatorOfTheApi() throws Exception {
    ClassLoader loader = getClass().getClassLoader();
    var driven = new TreeSet<String>();
    for (Case each : cases()) {
      try (var contract = new Contract(each, 1, Store.HEAP)) {
        JobPlan plan = JobPlan.of(contract.harness.graph(), Configuration.EMPTY);
        for (Vertex vertex : plan.vertices()) {
          if (vertex.role() == Vertex.Role.OPERATOR) {
            var factory = (OperatorFactory<?, ?>) vertex.code().open(loader);
            driven.add(factory.create().getClass().getName());
          }
        }
      }
    }
    assertThat(operatorsOfTheApi())
        .extracting(Class::getName)
        .containsExactlyInAnyOrderElementsOf(driven);
  }

  /** Methods that a program describes no operator with: ends of streams, names, properties. */
  private static final Set<String> OF_NO_OPERATOR =
      Set.of(
          "DataStream.sinkTo",
          "DataStream.print",
          "DataStream.printToErr",
          "DataStream.executeAndCollect",
          "DataStream.writeAsText",
          "DataStream.getType",
          "DataStream.getExecutionEnvironment",
          "DataStream.getExecutionConfig",
          "DataStream.getParallelism",
          "WindowedStream.getExecutionEnvironment",
          "WindowedStream.getInputType",
          "AllWindowedStream.getExecutionEnvironment",
          "AllWindowedStream.getInputType",
          "KeyedStream.getKeyType",
          "ConnectedStreams.getExecutionEnvironment",
          "ConnectedStreams.getFirstInput",
          "ConnectedStreams.getSecondInput",
          "SingleOutputStreamOperator.name",
          "SingleOutputStreamOperator.uid",
          "SingleOutputStreamOperator.getName",
          "SingleOutputStreamOperator.returns",
          "SingleOutputStreamOperator.forceNonParallel",
          "SingleOutputStreamOperator.setMaxParallelism",
          "SingleOutputStreamOperator.slotSharingGroup");

  /** Nor would what a program can ask of an operator and no case does. */
  @Test
  void callsEveryOperationOfTheApi() throws Exception {
    var operations = new TreeSet<String>();
    for (Class<?> type : classesOfTheApi()) {
      if (type.getPackageName().equals("io.millrace.api")
          && Modifier.isPublic(type.getModifiers())
          && type != StreamExecutionEnvironment.class
          && type != DataStreamSink.class) {
        operations.addAll(ApiCalls.declaredBy(type));
      }
    }
    assertThat(operations).containsAll(OF_NO_OPERATOR);
    operations.removeAll(OF_NO_OPERATOR);
    var called = new TreeSet<>(ApiCalls.of(OperatorCases.class));
    called.addAll(ApiCalls.of(WindowCases.class));
    assertThat(called).containsAll(operations);
  }

  static List<Class<?>> operatorsOfTheApi() throws Exception {
    var found = new ArrayList<Class<?>>();
    for (Class<?> type : classesOfTheApi()) {
      if (type.getName().startsWith("io.millrace.api.operator")
          && Operator.class.isAssignableFrom(type)
          && !type.isInterface()
          && !Modifier.isAbstract(type.getModifiers())) {
        found.add(type);
      }
    }
    return found;
  }

  private static List<Class<?>> classesOfTheApi() throws Exception {
    URI home = Operator.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(home);
    if (Files.isDirectory(path)) {
      return classesIn(path);
    }
    try (var jar = FileSystems.newFileSystem(path, Map.of())) {
      return classesIn(jar.getPath("/"));
    }
  }

  private static List<Class<?>> classesIn(Path root) throws Exception {
    var found = new ArrayList<Class<?>>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
        String name = root.relativize(file).toString().replace('/', '.');
        if (name.startsWith("io.millrace.api.") && !name.endsWith("-info.class")) {
          found.add(Class.forName(name.substring(0, name.length() - ".class".length())));
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameWhenOutputsRefuseAtEveryStep(Case each) {
    for (int seed = 0; seed < 3; seed++) {
      List<Step> steps = steps(seed, each.inputs(), 1);
      List<List<Emitted<String>>> undisturbed = undisturbed(each, steps);
      try (var contract = new Contract(each, 1, store(seed)).open()) {
        steps.forEach(contract::takeRefused);
        assertSame(contract.emitted(), undisturbed, "seed " + seed);
        if (store(seed) == Store.HEAP) {
          assertThat(contract.emitted()).as("seed %d", seed).isEqualTo(undisturbed);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameWhenItIsRestoredAtEveryStep(Case each) {
    for (int seed = 0; seed < 2; seed++) {
      List<Step> steps = steps(seed, each.inputs(), 1);
      List<List<Emitted<String>>> undisturbed = undisturbed(each, steps);
      assertThat(undisturbed.get(0)).as("seed %d", seed).isNotEmpty();
      Store store = seed == 0 ? Store.HEAP : Store.ROWS;
      assertSame(restored(each, steps, seed, store, 1, 1), undisturbed, "seed " + seed);
      assertSame(
          restored(each, steps, seed, store, 1, 3),
          undisturbed,
          "seed " + seed + " with other parallelisms");
    }
  }

  /** A database takes longer to open than all else, so that is done now and then. */
  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameWhenItsStateIsOnDisk(Case each) {
    List<Step> steps = steps(1, each.inputs(), 1);
    assertSame(restored(each, steps, 1, Store.DISK, 9, 2), undisturbed(each, steps), "on disk");
  }

  /**
   * When bounded input ends, event time does: whoever waited for it has done its work, and the
   * final checkpoint holds nothing but what functions keep for good, and what waits for the clock
   * or for more records.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void leavesNothingToDoAtTheEndOfBoundedInput(Case each) {
    for (int seed = 0; seed < 3; seed++) {
      try (var contract = new Contract(each, 1, store(seed)).open()) {
        steps(seed, each.inputs(), 1).forEach(contract::take);
        assertThat(contract.watermarks()).containsOnly(Timestamps.MAX_WATERMARK);
        var contents = new StateContents();
        contract.harness.snapshot().keyedParts().forEach(contents::add);
        assertThat(contents.states().stream().filter(state -> state.keys() > 0))
            .extracting(StateContents.Content::name)
            .as("seed %d", seed)
            .allMatch(state -> OperatorCases.mayBeLeft(each, state));
      }
    }
  }

  /** Timers of the same time fire in no particular order, nor do subtasks emit in one. */
  private static void assertSame(
      List<List<Emitted<String>>> actual, List<List<Emitted<String>>> expected, String what) {
    assertThat(Contract.sorted(actual)).as(what).isEqualTo(Contract.sorted(expected));
  }

  /**
   * @param every steps from one restore to the next
   */
  private static List<List<Emitted<String>>> restored(
      Case each, List<Step> steps, int seed, Store store, int every, int mostSubtasks) {
    var chance = new SplittableRandom(seed);
    try (var contract = new Contract(each, 1, store).open()) {
      for (int i = 0; i < steps.size(); i++) {
        contract.take(steps.get(i));
        boolean ended = i >= steps.size() - 2;
        if (ended || i % every != every - 1) {
          continue;
        }
        Snapshot snapshot = contract.harness.snapshot();
        // Goes on for a while, and all of that is undone.
        Step lost = steps.get(i + 1);
        if (lost instanceof Step.Element) {
          contract.take(lost);
        }
        contract.restore(snapshot, 1 + chance.nextInt(mostSubtasks));
      }
      return contract.emitted();
    }
  }

  private static Store store(int seed) {
    return seed == 1 ? Store.ROWS : Store.HEAP;
  }

  private static List<List<Emitted<String>>> undisturbed(Case each, List<Step> steps) {
    try (var contract = new Contract(each, 1, Store.HEAP).open()) {
      steps.forEach(contract::take);
      return contract.emitted();
    }
  }

  /** A random life of a channel for each input: records, some of them late, and time. */
  private static List<Step> steps(int seed, int inputs, int channels) {
    var chance = new SplittableRandom(seed);
    var steps = new ArrayList<Step>();
    long clock = 0;
    var watermark = new long[inputs];
    for (int i = 0; i < 30; i++) {
      int input = chance.nextInt(inputs);
      int channel = chance.nextInt(channels);
      switch (chance.nextInt(8)) {
        case 0, 1 -> {
          watermark[input] += chance.nextInt(25);
          steps.add(new Step.Watermark(input, channel, watermark[input]));
        }
        case 2 -> {
          clock += chance.nextInt(900);
          steps.add(new Step.Clock(clock));
        }
        default ->
            steps.add(
                new Step.Element(
                    input,
                    channel,
                    new Item("" + KEYS.charAt(chance.nextInt(KEYS.length())), chance.nextInt(10)),
                    Math.max(0, watermark[input] + chance.nextInt(30) - 8)));
      }
    }
    steps.add(new Step.End());
    // Who has asked something outside gets the answer now.
    steps.add(new Step.Clock(clock + 60_000));
    return steps;
  }

  /**
   * Two channels, each with records, a watermark and a barrier between them: in every order in
   * which the channels can meet, with the barrier at every place, also restored from it. Of a case
   * beside the one of its operator, every seventh order.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameHoweverWatermarksAndBarriersMeet(Case each) {
    int channels = each.inputs() == 1 ? 2 : 1;
    List<List<String>> expected = null;
    int runs = 0;
    int met = 0;
    for (int barrier = 0; barrier <= 3; barrier++) {
      List<Step> one = script(each, 0, barrier);
      List<Step> other = script(each, 1, 3 - barrier);
      for (int order = 0; order < 1 << (one.size() + other.size()); order++) {
        if (Integer.bitCount(order) == one.size() && (!each.sampled() || ++met % 7 == 0)) {
          List<Step> steps = interleaved(one, other, order);
          expected = expected == null ? met(each, channels, steps, false) : expected;
          // Every second one is restored from the barrier.
          boolean restored = ++runs % 2 == 0;
          assertThat(met(each, channels, steps, restored))
              .as("%s, restored: %s", steps, restored)
              .isEqualTo(expected);
        }
      }
    }
  }

  /** Of one channel: a record, a watermark, another record, and a barrier somewhere. */
  private static List<Step> script(Case each, int which, int barrier) {
    int input = each.inputs() == 1 ? 0 : which;
    int channel = each.inputs() == 1 ? which : 0;
    // Each channel has keys of its own, but for a join, which needs some in common.
    String key = each.inputs() == 1 ? (which == 0 ? "a" : "b") : "a";
    var steps = new ArrayList<Step>();
    steps.add(new Step.Element(input, channel, new Item(key, 4 + which), 5 + which));
    steps.add(new Step.Watermark(input, channel, 20 + which));
    steps.add(new Step.Element(input, channel, new Item(key, 7 + which), 30 + which));
    steps.add(barrier, new Step.Barrier(input, channel, 1));
    return steps;
  }

  private static List<Step> interleaved(List<Step> one, List<Step> other, int order) {
    var steps = new ArrayList<Step>();
    int i = 0;
    int j = 0;
    for (int bit = 0; bit < one.size() + other.size(); bit++) {
      steps.add((order >> bit & 1) == 1 ? one.get(i++) : other.get(j++));
    }
    return steps;
  }

  private static List<List<String>> met(
      Case each, int channels, List<Step> steps, boolean restored) {
    try (var contract = new Contract(each, channels, Store.HEAP).open()) {
      contract.harness.nextCheckpoint();
      var behind = new ArrayList<Step>();
      var cut = new boolean[2];
      for (Step step : steps) {
        int channel = channelOf(step);
        if (cut[channel]) {
          behind.add(step);
        }
        cut[channel] |= step instanceof Step.Barrier;
        if (!restored || !cut[channel] || step instanceof Step.Barrier) {
          contract.take(step);
        }
      }
      if (restored) {
        Snapshot snapshot = contract.harness.snapshot(1).orElseThrow();
        contract.restore(snapshot, 1);
        behind.forEach(contract::take);
      } else {
        assertThat(contract.harness.snapshot(1)).isPresent();
      }
      contract.take(new Step.End());
      contract.take(new Step.Clock(60_000));
      return Contract.sorted(contract.emitted());
    }
  }

  private static int channelOf(Step step) {
    if (step instanceof Step.Element element) {
      return element.input() + element.channel();
    } else if (step instanceof Step.Watermark watermark) {
      return watermark.input() + watermark.channel();
    }
    var barrier = (Step.Barrier) step;
    return barrier.input() + barrier.channel();
  }
}
