package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Executable;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
    for (String name : counterparts.classes().keySet()) {
      int dot = name.lastIndexOf('.');
      assertThat(counterparts.lacking(name.substring(0, dot)))
          .doesNotContain(name.substring(dot + 1));
    }
  }

  /** Members that are not there and that the command writes anew, whatever they are of. */
  private static final Set<String> WRITTEN_ANEW = Set.of("getDefaultTrigger/1");

  private static final Set<String> WRITTEN_ANEW_OF_TIMES =
      Set.of(
          "days/1",
          "hours/1",
          "milliseconds/1",
          "minutes/1",
          "of/1", // of a Duration; the command says so
          "seconds/1",
          "toMilliseconds/0");

  /** The lines of api.txt, each in words. */
  private static List<List<String>> api() throws Exception {
    try (InputStream in = CounterpartsTest.class.getResourceAsStream("api.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split(" ")))
          .toList();
    }
  }

  /** What neither compiles nor is listed would be news to whoever moves a program. */
  @Test
  void everyMemberOfFlinksClassesIsThereOrHasARemedy() throws Exception {
    var lacking = new ArrayList<String>();
    int members = 0;
    for (List<String> words : api()) {
      if (!words.get(0).equals("-")) {
        String name = "org.apache.flink." + words.get(0);
        Class<?> ours = ours(name);
        for (String member : words.subList(1, words.size())) {
          members++;
          if (!has(ours, member) && !isNamed(name, member)) {
            lacking.add(words.get(0) + " " + member);
          }
        }
      }
    }
    assertThat(lacking).isEmpty();
    assertThat(members).isGreaterThan(1400);
  }

  @Test
  void everyOtherClassOfTheirPackagesHasARemedy() throws Exception {
    var lacking = new ArrayList<String>();
    for (List<String> words : api()) {
      if (words.get(0).equals("-")) {
        for (String each : words.subList(2, words.size())) {
          String name = "org.apache.flink." + words.get(1) + "." + each;
          if (counterparts.remedy(name).isEmpty()) {
            lacking.add(name);
          }
        }
      }
    }
    assertThat(lacking).isEmpty();
  }

  /** An import of its whole package is all that tells of such a class. */
  @Test
  void everyOtherClassOfTheirPackagesIsKnownByItsSimpleName() throws Exception {
    var unknown = new ArrayList<String>();
    for (List<String> words : api()) {
      String flinkPackage = words.get(0).equals("-") ? "org.apache.flink." + words.get(1) : "";
      if (!counterparts.in(flinkPackage).isEmpty()) {
        Set<String> known = counterparts.lacking(flinkPackage);
        for (String each : words.subList(2, words.size())) {
          String outer = each.replaceAll("\\..*", "");
          String name = flinkPackage + "." + outer;
          if (!known.contains(outer) && !counterparts.classes().containsKey(name)) {
            unknown.add(name);
          }
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  private Class<?> ours(String name) throws ClassNotFoundException {
    Counterparts.Match match = counterparts.match(name).orElseThrow(() -> new AssertionError(name));
    Class<?> ours = find(match.to());
    for (String nested : match.rest().split("\\.")) {
      ours = nested.isEmpty() ? ours : Class.forName(ours.getName() + "$" + nested);
    }
    return ours;
  }

  private static boolean has(Class<?> ours, String member) {
    int slash = member.indexOf('/');
    if (slash < 0) {
      return Stream.concat(Stream.of(ours.getFields()), Stream.of(ours.getDeclaredFields()))
          .anyMatch(field -> isVisible(field) && field.getName().equals(member));
    }
    String name = member.substring(0, slash);
    int arguments = Integer.parseInt(member.substring(slash + 1));
    if (name.equals("new")) {
      return Stream.of(ours.getDeclaredConstructors())
          .anyMatch(each -> isVisible(each) && takes(each, arguments));
    }
    return methodsOf(ours).anyMatch(each -> each.getName().equals(name) && takes(each, arguments))
        || WRITTEN_ANEW.contains(member)
        || ours == Duration.class && WRITTEN_ANEW_OF_TIMES.contains(member);
  }

  private boolean isNamed(String className, String member) {
    String simpleName = className.substring(className.lastIndexOf('.') + 1);
    String name = member.replaceAll("/.*", "");
    Set<String> named = counterparts.remedies().keySet();
    return Stream.of(member, name)
        .anyMatch(
            each ->
                named.contains(simpleName + "." + each)
                    || named.contains(simpleName + "#" + each)
                    || named.contains(each.replace("new", "new:" + simpleName))
                    || named.contains("." + each)
                    || named.contains(")." + each));
  }

  private static boolean isVisible(Member member) {
    return (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0;
  }

  private static boolean takes(Executable executable, int arguments) {
    int parameters = executable.getParameterCount();
    return executable.isVarArgs() ? arguments >= parameters - 1 : arguments == parameters;
  }

  private static Stream<Method> methodsOf(Class<?> type) {
    var all = new ArrayList<>(List.of(type.getMethods()));
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      all.addAll(List.of(each.getDeclaredMethods()));
    }
    return all.stream().filter(CounterpartsTest::isVisible);
  }

  /** Once it exists, the remedy is a lie. */
  @Test
  void noMethodWithARemedyExists() throws Exception {
    var methods = new TreeSet<String>();
    for (String name : counterparts.classes().values()) {
      if (name.startsWith("io.millrace")) {
        methodsOf(find(name)).forEach(method -> methods.add(method.getName()));
      }
    }

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
