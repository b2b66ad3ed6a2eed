package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStreamSink;
import io.millrace.api.SlotSharingGroup;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.runtime.harness.Case.Item;
import io.millrace.runtime.harness.Conditions.Store;
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

  /** By so many milliseconds records are behind the watermark at most. */
  private static final int MOST_LATE = 8;

  static List<Case> cases() {
    return OperatorCases.all();
  }

  /** An operator that is not in the list would not be driven. */
  @Test
  void listsEveryOperatorOfTheApi() throws Exception {
    ClassLoader loader = getClass().getClassLoader();
    var driven = new TreeSet<String>();
    for (Case each : cases()) {
      for (Vertex vertex : each.contract(1).plan().vertices()) {
        if (vertex.role() == Vertex.Role.OPERATOR) {
          var factory = (OperatorFactory<?, ?>) vertex.code().open(loader);
          driven.add(factory.create().getClass().getName());
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
          "BroadcastConnectedStream.getExecutionEnvironment",
          "BroadcastConnectedStream.getFirstInput",
          "BroadcastConnectedStream.getSecondInput",
          // Older names of apply.
          "JoinedStreams.WithWindow.with",
          "CoGroupedStreams.WithWindow.with",
          "SingleOutputStreamOperator.name",
          "SingleOutputStreamOperator.setBufferTimeout",
          "SingleOutputStreamOperator.uid",
          "SingleOutputStreamOperator.getName",
          "SingleOutputStreamOperator.returns",
          "SingleOutputStreamOperator.setDescription",
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
          && type != DataStreamSink.class
          && !type.getName().startsWith(SlotSharingGroup.class.getName())) {
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
      randomly(each, seed).parallelism(1).holdsWhenOutputsRefuse();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void emitsTheSameWhenItIsRestoredAtEveryStep(Case each) {
    // A trigger's timer for a time that is over fires at the next watermark, which a restored job
    // hears sooner: so how often such a window is shown is not for a contract.
    int mostLate = each.name().contains("trigger") ? 0 : MOST_LATE;
    randomly(each, 0, mostLate).holdsWhenItIsRestored();
  }

  /** A restore that never finds anything in flight would prove nothing about that. */
  @Test
  void restoresWhatBarriersHaveOvertaken() {
    OperatorContract contract = randomly(OperatorCases.named("keyed process"), 0);
    contract.holdsWhenItIsRestored();
    assertThat(contract.restoredInFlight()).isGreaterThan(10);
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
      var contents = new StateContents();
      Store store = seed == 1 ? Store.ROWS : Store.HEAP;
      randomly(each, seed).atTheEnd(store).keyedParts().forEach(contents::add);
      assertThat(contents.states().stream().filter(state -> state.keys() > 0))
          .extracting(StateContents.Content::name)
          .as("seed %d", seed)
          .allMatch(state -> OperatorCases.mayBeLeft(each, state));
    }
  }

  /** A random life of a channel for each input: records, some of them late, and time. */
  private static OperatorContract randomly(Case each, int seed) {
    return randomly(each, seed, MOST_LATE);
  }

  private static OperatorContract randomly(Case each, int seed, int mostLate) {
    OperatorContract contract = each.contract(1);
    var chance = new SplittableRandom(seed);
    long clock = 0;
    var watermark = new long[each.inputs()];
    for (int i = 0; i < 30; i++) {
      int input = chance.nextInt(each.inputs());
      switch (chance.nextInt(8)) {
        case 0, 1 -> {
          watermark[input] += chance.nextInt(25);
          contract.step(new Step.Watermark(input, watermark[input]));
        }
        case 2 -> {
          clock += chance.nextInt(900);
          contract.setProcessingTime(clock);
        }
        default -> {
          var item = new Item("" + KEYS.charAt(chance.nextInt(KEYS.length())), chance.nextInt(10));
          long timestamp = Math.max(0, watermark[input] + chance.nextInt(30) - mostLate);
          contract.step(new Step.Element(input, item, timestamp));
        }
      }
    }
    return contract;
  }
}
