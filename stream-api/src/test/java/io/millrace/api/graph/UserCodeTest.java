package io.millrace.api.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.MapFunction;
import io.millrace.api.graph.UserCode.UnreadableCodeException;
import io.millrace.api.type.JobClassLoader;
import io.millrace.api.type.SharedSerializers;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

/** What comes out of code in transit, and what must not. */
class UserCodeTest {
  private static final ClassLoader HERE = UserCodeTest.class.getClassLoader();

  /**
   * As in a container: the job's loader knows the platform's libraries, but they are not the job's.
   */
  private static final ClassLoader JOB = new OfJob();

  private static final class OfJob extends ClassLoader implements JobClassLoader {
    private final SharedSerializers serializers = new SharedSerializers(this);

    OfJob() {
      super(HERE);
    }

    @Override
    public SharedSerializers serializers() {
      return serializers;
    }
  }

  interface Inner extends Serializable {
    String say();
  }

  record Answering(String answer) implements InvocationHandler, Serializable {
    @Override
    public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) {
      return answer;
    }
  }

  @Test
  void closuresAndPlainValuesPass() {
    var values = new HashMap<String, Object>(Map.of("a", List.of(1, 2), "b", BigDecimal.TEN));
    var pattern = Pattern.compile("x+");
    MapFunction<String, String> closure =
        text -> text + values.get("b") + pattern + Duration.ofSeconds(1);
    UserCode code = UserCode.of(closure, "map");
    assertThat(code.open(HERE)).isInstanceOf(MapFunction.class);
    assertThat(code.open(JOB)).isInstanceOf(MapFunction.class);
  }

  @Test
  void classesOfTheProgramItselfPassWhereItRuns() {
    assertThat(UserCode.of(new AssertionFailedError("x"), "code").open(HERE))
        .isInstanceOf(AssertionFailedError.class);
  }

  /** Such as a test's, or that of a thread: what it finds comes from where the engine does. */
  @Test
  void aLoaderWithoutJarsOfTheJobTellsNothingApart() {
    var aside = new URLClassLoader(new URL[0], HERE);
    assertThat(UserCode.of(new AssertionFailedError("x"), "code").open(aside))
        .isInstanceOf(AssertionFailedError.class);
  }

  /** A job may have further loaders over its own. */
  @Test
  void aLoaderThatLooksIntoTheJobsTellsApartAsThatDoes() {
    var inner = new URLClassLoader(new URL[0], JOB);
    UserCode code = UserCode.of(new AssertionFailedError("x"), "code");
    assertThatThrownBy(() -> code.open(inner)).isInstanceOf(UnreadableCodeException.class);
  }

  @Test
  void librariesOfThePlatformAreNotTheJobs() {
    var hidden = new ArrayList<Object>(List.of(new AssertionFailedError("x")));
    for (Serializable object : List.of(new AssertionFailedError("x"), hidden)) {
      UserCode code = UserCode.of(object, "map 'parse'");
      assertThatThrownBy(() -> code.open(JOB))
          .isInstanceOf(UnreadableCodeException.class)
          .hasMessageContaining("map 'parse'")
          .hasMessageContaining(AssertionFailedError.class.getName());
    }
  }

  @Test
  void partsOfTheJdkThatDoThingsDoNotPass() throws Exception {
    for (Serializable object :
        List.of(
            new URL("http://localhost/"),
            new InetSocketAddress("localhost", 1),
            Level.INFO,
            new java.io.File("/etc/passwd"))) {
      assertThatThrownBy(() -> UserCode.of(object, "code").open(HERE))
          .isInstanceOf(UnreadableCodeException.class)
          .hasMessageContaining(object.getClass().getName());
    }
  }

  /** A proxy of an interface that is not public takes on the interface's package. */
  @Test
  void noProxyPasses() {
    var inner =
        (Inner) Proxy.newProxyInstance(HERE, new Class<?>[] {Inner.class}, new Answering("x"));
    assertThat(inner.say()).isEqualTo("x");
    assertThat(inner.getClass().getName()).startsWith("io.millrace.");
    UserCode code = UserCode.of(inner, "code");
    assertThatThrownBy(() -> code.open(HERE)).isInstanceOf(UnreadableCodeException.class);
    assertThatThrownBy(() -> code.open(JOB)).isInstanceOf(UnreadableCodeException.class);
  }

  @Test
  void nestingHasAnEnd() {
    var outer = new ArrayList<Object>();
    for (int i = 0; i < 200; i++) {
      outer = new ArrayList<>(List.of(outer));
    }
    UserCode code = UserCode.of(outer, "code");
    assertThatThrownBy(() -> code.open(HERE)).isInstanceOf(UnreadableCodeException.class);
  }
}
