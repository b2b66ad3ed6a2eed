package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables keep up with the API. */
class CounterpartsTest {
  private final Counterparts counterparts = Counterparts.load();

  @Test
  void everyCounterpartIsAClassThatProgramsCanUse() throws Exception {
    assertThat(counterparts.classes()).hasSizeGreaterThan(100);
    for (String name : counterparts.classes().values()) {
      for (Class<?> each = find(name); each != null; each = each.getDeclaringClass()) {
        assertThat(Modifier.isPublic(each.getModifiers())).as(name).isTrue();
      }
    }
  }

  /** A nested class stands behind the name of the class that it is in. */
  private static Class<?> find(String name) throws ClassNotFoundException {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      int dot = name.lastIndexOf('.');
      return Class.forName(name.substring(0, dot) + "$" + name.substring(dot + 1));
    }
  }

  /** What programs for streams import most; the class has to be ours, not only the import. */
  @Test
  void whatTypicalProgramsImportHasACounterpart() {
    String common = "org.apache.flink.api.common.";
    assertThat(counterparts.classes())
        .containsKeys(
            common + "functions.RichJoinFunction",
            common + "functions.RichFlatJoinFunction",
            common + "functions.RichCoGroupFunction",
            common + "accumulators.IntCounter",
            common + "cache.DistributedCache",
            common + "ExecutionConfig",
            common + "JobExecutionResult",
            "org.apache.flink.streaming.api.functions.source.RichSourceFunction",
            "org.apache.flink.streaming.api.functions.source.legacy.SourceFunction",
            "org.apache.flink.streaming.api.watermark.Watermark",
            "org.apache.flink.metrics.Counter",
            "org.apache.flink.metrics.Gauge",
            "org.apache.flink.metrics.MeterView",
            "org.apache.flink.api.java.utils.ParameterTool",
            "org.apache.flink.util.ParameterTool",
            "org.apache.flink.streaming.api.CheckpointingMode",
            "org.apache.flink.core.execution.CheckpointingMode",
            "org.apache.flink.streaming.api.environment.CheckpointConfig",
            "org.apache.flink.configuration.ExternalizedCheckpointRetention");
  }

  @Test
  void noClassHasBothACounterpartAndARemedyOfItsOwn() {
    assertThat(counterparts.remedies().keySet())
        .doesNotContainAnyElementsOf(counterparts.classes().keySet());
  }

  /** Methods that programs call, by our class; see the file. */
  private static Map<Class<?>, List<String>> called() throws Exception {
    var called = new LinkedHashMap<Class<?>, List<String>>();
    try (InputStream in = CounterpartsTest.class.getResourceAsStream("methods.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (!line.startsWith("#")) {
          List<String> words = List.of(line.split(" "));
          called.put(Class.forName(words.get(0)), words.subList(1, words.size()));
        }
      }
    }
    return called;
  }

  private static Set<String> methodsOf(Class<?> type) {
    return Stream.concat(Stream.of(type.getMethods()), Stream.of(type.getDeclaredMethods()))
        .filter(method -> !Modifier.isPrivate(method.getModifiers()))
        .map(Method::getName)
        .collect(Collectors.toSet());
  }

  /** What neither compiles nor is listed would be news to whoever moves a program. */
  @Test
  void everyMethodThatProgramsCallIsThereOrHasARemedy() throws Exception {
    var lacking = new ArrayList<String>();
    called()
        .forEach(
            (type, names) -> {
              Set<String> ours = methodsOf(type);
              for (String name : names) {
                boolean tooCommon = name.endsWith("?");
                String method = name.replace("?", "");
                if (tooCommon
                    ? ours.contains(method) || counterparts.methods().contains(method)
                    : !ours.contains(method) && !counterparts.methods().contains(method)) {
                  lacking.add(type.getSimpleName() + "." + name);
                }
              }
            });
    assertThat(lacking).isEmpty();
    assertThat(called().values().stream().mapToInt(List::size).sum()).isGreaterThan(350);
  }

  /** Once it exists, the remedy is a lie. */
  @Test
  void noMethodWithARemedyExists() throws Exception {
    List<String> methods = called().keySet().stream().flatMap(t -> methodsOf(t).stream()).toList();

    assertThat(counterparts.methods()).isNotEmpty().doesNotContainAnyElementsOf(methods);
  }

  @Test
  void theLongestBeginningDecides() {
    assertThat(counterparts.remedy("org.apache.flink.table.api.Table"))
        .contains("there is no Table API yet");
    assertThat(counterparts.remedy("org.apache.flink.connector.file.sink.FileSink").orElseThrow())
        .contains("writeAsText");
    assertThat(counterparts.remedy("org.apache.flink.core.memory.DataInputView").orElseThrow())
        .contains("have serializers");
    assertThat(counterparts.remedy("org.apache.flink.nothing.like.It")).isEmpty();
  }
}
