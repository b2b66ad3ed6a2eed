package io.millrace.api.type;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A {@link Shape} that is being made. */
final class ShapeDrawing {
  private final boolean withConstants;
  private final List<Shape.Node> nodes = new ArrayList<>();
  private final Map<Serializer<?>, Integer> drawn = new IdentityHashMap<>();
  private final Map<Type, Integer> kryoDrawn = new HashMap<>();
  private final Map<String, Integer> scalars = new HashMap<>();

  /**
   * @param withConstants whether enums get their constants, which may be many
   */
  ShapeDrawing(boolean withConstants) {
    this.withConstants = withConstants;
  }

  /**
   * What a serializer is made of.
   *
   * @param pieces in the order in which they are written
   */
  record Sketch(Shape.Kind kind, String name, List<Piece> pieces) {
    static Sketch of(Shape.Kind kind, String name, Piece... pieces) {
      return new Sketch(kind, name, List.of(pieces));
    }
  }

  /**
   * A part that is written.
   *
   * @param declared a primitive, which is written without its serializer; else of no account
   */
  record Piece(String name, Serializer<?> serializer, Class<?> declared) {
    Piece(String name, Serializer<?> serializer) {
      this(name, serializer, Object.class);
    }
  }

  Shape of(Serializer<?> serializer) {
    draw(serializer);
    return new Shape(nodes);
  }

  Shape of(Serializer<?> keys, Serializer<?> values) {
    int number = reserve();
    nodes.set(
        number,
        new Shape.Node(
            Shape.Kind.CONTAINER,
            "keys with values",
            List.of(new Shape.Part("key", draw(keys)), new Shape.Part("value", draw(values)))));
    return new Shape(nodes);
  }

  private int draw(Serializer<?> serializer) {
    if (serializer instanceof Knot<?> knot) {
      return draw(knot.tied());
    }
    String scalar = ScalarSerializer.nameOf(serializer);
    if (scalar != null) {
      return scalar(scalar);
    }
    Integer known = drawn.get(serializer);
    if (known != null) {
      return known;
    }
    if (serializer instanceof KryoSerializer<?> kryo) {
      int number = kryo(kryo.type());
      drawn.put(serializer, number);
      return number;
    }
    int number = reserve();
    drawn.put(serializer, number);
    nodes.set(
        number,
        serializer instanceof EnumSerializer<?> constants
            ? constants(constants.name(), constants.names(), number)
            : node(serializer));
    return number;
  }

  private Shape.Node node(Serializer<?> serializer) {
    if (serializer instanceof StructuredSerializer<?> structured) {
      Sketch sketch = structured.sketch();
      List<Shape.Part> parts = new ArrayList<>();
      for (Piece piece : sketch.pieces()) {
        parts.add(
            new Shape.Part(
                piece.name(),
                piece.declared().isPrimitive()
                    ? scalar(piece.declared().getName())
                    : draw(piece.serializer())));
      }
      return new Shape.Node(sketch.kind(), sketch.name(), parts);
    }
    return serializer instanceof DynamicSerializer
        ? new Shape.Node(Shape.Kind.DYNAMIC, "dynamic", List.of())
        : new Shape.Node(Shape.Kind.OTHER, serializer.getClass().getName(), List.of());
  }

  private Shape.Node constants(String name, List<String> constants, int number) {
    List<Shape.Part> parts =
        withConstants
            ? constants.stream().map(constant -> new Shape.Part(constant, number)).toList()
            : List.of();
    return new Shape.Node(Shape.Kind.ENUM, name, parts);
  }

  /** What Kryo takes apart by the fields, sorted by name, as far as their types are declared. */
  private int kryo(Type type) {
    Integer known = kryoDrawn.get(type);
    if (known != null) {
      return known;
    }
    int number = reserve();
    kryoDrawn.put(type, number);
    if (type instanceof Class<?> raw && raw.isEnum()) {
      nodes.set(number, constants(raw.getName(), new EnumSerializer<>(raw).names(), number));
      return number;
    }
    List<Shape.Part> parts = new ArrayList<>();
    Shape.Kind kind = Shape.Kind.SCALAR;
    if (type instanceof ParameterizedType generic) {
      kind = Shape.Kind.CONTAINER;
      parts.add(new Shape.Part("class", kryo(generic.getRawType())));
      for (Type argument : generic.getActualTypeArguments()) {
        parts.add(new Shape.Part("argument " + parts.size(), kryo(argument)));
      }
    } else if (type instanceof Class<?> raw && raw.isArray()) {
      kind = Shape.Kind.CONTAINER;
      parts.add(new Shape.Part("element", kryo(raw.getComponentType())));
    } else if (type instanceof Class<?> raw && !raw.isPrimitive() && !AllowedClasses.isJdk(raw)) {
      kind = Shape.Kind.KRYO;
      for (Field field : fields(raw)) {
        parts.add(new Shape.Part(field.getName(), kryo(field.getGenericType())));
      }
    }
    nodes.set(number, new Shape.Node(kind, type.getTypeName(), parts));
    return number;
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> owner = type;
        owner != null && !AllowedClasses.isJdk(owner);
        owner = owner.getSuperclass()) {
      for (Field field : owner.getDeclaredFields()) {
        int modifiers = field.getModifiers();
        if (!Modifier.isStatic(modifiers) && !Modifier.isTransient(modifiers)) {
          fields.add(field);
        }
      }
    }
    fields.sort(
        Comparator.comparing(Field::getName)
            .thenComparing(field -> field.getDeclaringClass().getName()));
    return fields;
  }

  private int scalar(String name) {
    Integer known = scalars.get(name);
    if (known == null) {
      known = reserve();
      nodes.set(known, new Shape.Node(Shape.Kind.SCALAR, name, List.of()));
      scalars.put(name, known);
    }
    return known;
  }

  /** A place whose parts may already refer to it while they are drawn. */
  private int reserve() {
    nodes.add(null);
    return nodes.size() - 1;
  }
}
