package io.millrace.runtime.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.type.Shape;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A message that was let in is acted on without further questions, by an actor whose surprise ends
 * the process. So bytes that leave something out must not become a message.
 */
class MessagesAreCompleteTest {
  /** No shape is without one. */
  private static final Shape.Node SCALAR = new Shape.Node(Shape.Kind.SCALAR, "long", List.of());

  private static final JobId JOB = new JobId("0".repeat(32));

  static Stream<Class<?>> records() {
    var found = new LinkedHashSet<Class<?>>();
    Stream.of(ToJobManager.class, ToTaskManager.class, ClientRequest.class, ClientAnswer.class)
        .forEach(family -> collect(family, found));
    return found.stream().filter(Class::isRecord);
  }

  private static void collect(Type type, Set<Class<?>> found) {
    if (type instanceof ParameterizedType generic) {
      Arrays.stream(generic.getActualTypeArguments()).forEach(t -> collect(t, found));
    } else if (type instanceof Class<?> plain
        && plain.getName().startsWith("io.millrace.runtime.")
        && found.add(plain)) {
      if (plain.isSealed()) {
        Arrays.stream(plain.getPermittedSubclasses()).forEach(t -> collect(t, found));
      } else if (plain.isRecord()) {
        Arrays.stream(plain.getRecordComponents())
            .forEach(component -> collect(component.getGenericType(), found));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void nothingMayBeMissing(Class<?> type) throws ReflectiveOperationException {
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      if (!components[i].getType().isPrimitive()) {
        Object[] arguments = arguments(components);
        arguments[i] = null;
        assertThatThrownBy(() -> make(type, arguments))
            .as(type.getSimpleName() + " without " + components[i].getName())
            .isInstanceOf(NullPointerException.class);
      }
    }
    assertThat(make(type, arguments(components))).isNotNull();
  }

  @Test
  void noTaskManagerHasMillionsOfSlotsOrNone() {
    var location = new TaskManagerLocation(new TaskManagerId("tm"), "host", 1);
    for (int slots : new int[] {Integer.MIN_VALUE, -1, 0, 100_000, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> new ToJobManager.Register(location, slots, Optional.empty(), false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("slots");
    }
  }

  private static Object make(Class<?> type, Object[] arguments)
      throws ReflectiveOperationException {
    Class<?>[] types =
        Stream.of(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    Constructor<?> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    try {
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refusal) {
        throw refusal;
      }
      throw e;
    }
  }

  private static Object[] arguments(RecordComponent[] components)
      throws ReflectiveOperationException {
    var arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = value(components[i].getName(), components[i].getType());
    }
    return arguments;
  }

  private static Object value(String name, Class<?> type) throws ReflectiveOperationException {
    if (type == int.class) {
      return 1;
    } else if (type == long.class) {
      return 1L;
    } else if (type == boolean.class) {
      return true;
    } else if (type == String.class) {
      return switch (name) {
        case "hex" -> JOB.hex();
        case "lineage" -> "0".repeat(16);
        case "sha256" -> "0".repeat(64);
        default -> "text";
      };
    } else if (type == byte[].class) {
      return new byte[1];
    } else if (type == List.class) {
      return name.equals("nodes") ? List.of(SCALAR) : List.of();
    } else if (type == Optional.class) {
      return Optional.empty();
    } else if (type == JobGraph.class) {
      return graph();
    } else if (type.isEnum()) {
      return type.getEnumConstants()[0];
    } else if (type.isSealed()) {
      return value(name, type.getPermittedSubclasses()[0]);
    }
    return make(type, arguments(type.getRecordComponents()));
  }

  private static JobGraph graph() {
    var code = UserCode.of("code", "code");
    var vertex =
        new Vertex(
            "uid",
            "name",
            Vertex.Role.OPERATOR,
            code,
            1,
            1,
            "default",
            false,
            false,
            false,
            List.of());
    return new JobGraph("job", List.of(vertex), List.<Edge>of(), Map.of());
  }
}
