package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random classes, random changes of them, and random values: what is written under the first
 * version and read under the second is what a model in maps and lists says.
 */
class MigrationPropertyTest {
  private static final int FAMILIES = 30;
  private static final int VALUES = 20;

  private static final List<String> NUMBERS =
      List.of("byte", "short", "char", "int", "long", "float", "double");

  private static final Map<String, String> BOXES =
      Map.of(
          "boolean",
          "Boolean",
          "byte",
          "Byte",
          "short",
          "Short",
          "char",
          "Character",
          "int",
          "Integer",
          "long",
          "Long",
          "float",
          "Float",
          "double",
          "Double");

  /** What a field may become without losing anything. */
  private static final Map<String, List<String>> WIDER =
      Map.of(
          "byte", List.of("short", "int", "long", "float", "double"),
          "short", List.of("int", "long", "float", "double"),
          "char", List.of("int", "long", "float", "double"),
          "int", List.of("long", "double"),
          "float", List.of("double"));

  /** Never a primitive's own: all others refuse. */
  private static final Map<String, List<String>> LOSSY =
      Map.of(
          "int", List.of("float", "short", "char"),
          "long", List.of("int", "double", "float"),
          "double", List.of("float", "long"),
          "float", List.of("int"));

  @TempDir Path folder;
  private Random random;

  /** A type as Java writes it, with what is below it. */
  private record Type(Form form, String name, List<Type> of) {
    String java() {
      return switch (form) {
        case PRIMITIVE -> name;
        case BOX -> BOXES.get(name);
        case PRIMITIVES -> name + "[]";
        case TEXT -> "String";
        case CLASS, ENUM, FAMILY -> name;
        case LIST -> "java.util.List<" + of.get(0).java() + ">";
        case OPTION -> "java.util.Optional<" + of.get(0).java() + ">";
        case MAP -> "java.util.Map<String, " + of.get(0).java() + ">";
        case ARRAY -> of.get(0).java() + "[]";
        case PAIR -> "io.millrace.api.tuple.Tuple2<String, " + of.get(0).java() + ">";
        case ANY -> "Object";
      };
    }
  }

  private enum Form {
    PRIMITIVE,
    BOX,
    PRIMITIVES,
    TEXT,
    CLASS,
    ENUM,
    FAMILY,
    LIST,
    OPTION,
    MAP,
    ARRAY,
    PAIR,
    /** Declared so openly that values name their class. */
    ANY
  }

  /** A class with its fields in order. */
  private record Made(
      String name, boolean pojo, LinkedHashMap<String, Type> fields, String family) {
    String source() {
      var text = new StringBuilder();
      String header = family == null ? "" : " implements " + family;
      if (pojo) {
        text.append("public final class ").append(name).append(header).append(" {");
        fields.forEach(
            (f, t) -> text.append("public ").append(t.java()).append(' ').append(f).append(';'));
        return text.append("}").toString();
      }
      var parts = new ArrayList<String>();
      fields.forEach((field, type) -> parts.add(type.java() + " " + field));
      return "public record " + name + "(" + String.join(", ", parts) + ")" + header + " {}";
    }
  }

  /** All classes of one version of a family: the last one is the state's. */
  private record Version(
      LinkedHashMap<String, Made> classes,
      List<String> constants,
      List<String> members,
      boolean refused) {}

  private record Family(String prefix, Version before, Version after) {}

  private Type type(String prefix, int known, int depth) {
    int kind = random.nextInt(depth > 2 ? 7 : 13);
    return switch (kind) {
      case 0, 1 -> new Type(Form.PRIMITIVE, NUMBERS.get(random.nextInt(NUMBERS.size())), List.of());
      case 2 -> new Type(Form.BOX, NUMBERS.get(random.nextInt(NUMBERS.size())), List.of());
      case 3 -> new Type(Form.TEXT, "", List.of());
      case 4 -> new Type(Form.PRIMITIVES, NUMBERS.get(random.nextInt(NUMBERS.size())), List.of());
      case 5 -> new Type(Form.ENUM, prefix + "E", List.of());
      case 6 ->
          known == 0
              ? new Type(Form.PRIMITIVE, "boolean", List.of())
              : new Type(Form.CLASS, prefix + "C" + random.nextInt(known), List.of());
      case 7 -> new Type(Form.LIST, "", List.of(reference(prefix, known, depth)));
      case 8 -> new Type(Form.OPTION, "", List.of(reference(prefix, known, depth)));
      case 9 -> new Type(Form.MAP, "", List.of(reference(prefix, known, depth)));
      case 10 -> new Type(Form.PAIR, "", List.of(reference(prefix, known, depth)));
      case 11 ->
          known < 2
              ? new Type(Form.TEXT, "", List.of())
              : new Type(Form.FAMILY, prefix + "S", List.of());
      default ->
          known == 0
              ? new Type(Form.TEXT, "", List.of())
              : new Type(
                  random.nextBoolean() ? Form.ANY : Form.ARRAY,
                  prefix + "C0",
                  List.of(new Type(Form.CLASS, prefix + "C0", List.of())));
    };
  }

  private Type reference(String prefix, int known, int depth) {
    while (true) {
      Type type = type(prefix, known, depth + 1);
      if (type.form() != Form.PRIMITIVE) {
        return type;
      }
    }
  }

  private Family family(String prefix) {
    var classes = new LinkedHashMap<String, Made>();
    for (int i = 0; i < 4; i++) {
      var fields = new LinkedHashMap<String, Type>();
      for (int field = random.nextInt(5); field >= 0; field--) {
        fields.put("f" + field, type(prefix, i, 0));
      }
      String name = prefix + "C" + i;
      // Members of the sealed family are made of plain things.
      classes.put(
          name, new Made(name, random.nextInt(3) == 0, fields, i < 2 ? prefix + "S" : null));
    }
    var before =
        new Version(classes, List.of("A", "B", "C"), List.of(prefix + "C0", prefix + "C1"), false);
    return new Family(prefix, before, changed(prefix, before));
  }

  private Version changed(String prefix, Version before) {
    var classes = new LinkedHashMap<String, Made>();
    boolean refused = false;
    int number = 0;
    for (Made made : before.classes().values()) {
      var fields = new ArrayList<Map.Entry<String, Type>>();
      for (var entry : made.fields().entrySet()) {
        if (random.nextInt(6) == 0) {
          continue; // removed
        }
        Type type = entry.getValue();
        if (LOSSY.containsKey(type.name())
            && random.nextInt(4) == 0
            && type.form() == Form.PRIMITIVE) {
          type = new Type(type.form(), pick(LOSSY.get(type.name())), List.of());
          refused = true;
        } else {
          type = wider(type);
        }
        fields.add(Map.entry(entry.getKey(), type));
      }
      while (random.nextInt(3) == 0) {
        fields.add(Map.entry("g" + fields.size(), type(prefix, number, 0)));
      }
      if (random.nextBoolean()) {
        Collections.shuffle(fields, random);
      }
      var now = new LinkedHashMap<String, Type>();
      fields.forEach(entry -> now.put(entry.getKey(), entry.getValue()));
      boolean pojo = made.pojo() != (random.nextInt(8) == 0);
      classes.put(made.name(), new Made(made.name(), pojo, now, made.family()));
      number++;
    }
    var constants = new ArrayList<>(List.of("A", "B", "C", "D"));
    Collections.shuffle(constants, random);
    return new Version(classes, constants, before.members(), refused);
  }

  private Type wider(Type type) {
    boolean plain =
        type.form() == Form.PRIMITIVE || type.form() == Form.BOX || type.form() == Form.PRIMITIVES;
    if (plain && random.nextInt(3) == 0) {
      List<String> wider = WIDER.getOrDefault(type.name(), List.of(type.name()));
      Form form = type.form() == Form.PRIMITIVE && random.nextBoolean() ? Form.BOX : type.form();
      return new Type(form, pick(wider), List.of());
    }
    boolean holds =
        type.form() == Form.LIST || type.form() == Form.MAP || type.form() == Form.OPTION;
    return holds ? new Type(type.form(), "", List.of(wider(type.of().get(0)))) : type;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  // --- compiling

  private ClassLoader compiled(String version, List<String[]> sources) throws Exception {
    Path own = Files.createDirectory(folder.resolve(version));
    var arguments =
        new ArrayList<>(List.of("-classpath", System.getProperty("java.class.path"), "-nowarn"));
    for (String[] source : sources) {
      arguments.add(Files.writeString(own.resolve(source[0] + ".java"), source[1]).toString());
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, arguments.toArray(String[]::new)))
        .isZero();
    return new URLClassLoader(new URL[] {own.toUri().toURL()}, getClass().getClassLoader());
  }

  private static void sources(String prefix, Version version, List<String[]> all) {
    version.classes().values().forEach(made -> all.add(new String[] {made.name(), made.source()}));
    all.add(
        new String[] {
          prefix + "E",
          "public enum " + prefix + "E { " + String.join(", ", version.constants()) + " }"
        });
    all.add(
        new String[] {
          prefix + "S",
          "public sealed interface "
              + prefix
              + "S permits "
              + String.join(", ", version.members())
              + " {}"
        });
  }

  // --- values of the model: numbers, texts, lists, maps from field to value

  /** A value of a class, by fields. */
  private record Held(String type, Map<String, Object> fields) {}

  private Object value(Type type, Version version, int depth) {
    boolean primitive = type.form() == Form.PRIMITIVE;
    if (!primitive && random.nextInt(6) == 0) {
      return null;
    }
    int size = random.nextInt(3);
    return switch (type.form()) {
      case PRIMITIVE, BOX -> number(type.name());
      case PRIMITIVES -> list(size, () -> number(type.name()));
      case TEXT -> "t" + random.nextInt(1000);
      case CLASS -> held(type.name(), version, depth);
      case FAMILY -> held(pick(version.members()), version, depth);
      case ANY -> held(type.name(), version, depth);
      case ENUM -> pick(List.of("A", "B", "C"));
      case LIST, ARRAY -> list(size, () -> value(type.of().get(0), version, depth + 1));
      case OPTION -> Optional.ofNullable(value(type.of().get(0), version, depth + 1));
      case PAIR ->
          Collections.unmodifiableList(
              java.util.Arrays.asList("k", value(type.of().get(0), version, depth + 1)));
      case MAP -> {
        var map = new LinkedHashMap<String, Object>();
        for (int i = 0; i < size; i++) {
          map.put("k" + i, value(type.of().get(0), version, depth + 1));
        }
        yield map;
      }
    };
  }

  private static List<Object> list(int size, java.util.function.Supplier<Object> each) {
    var list = new ArrayList<Object>();
    for (int i = 0; i < size; i++) {
      list.add(each.get());
    }
    return list;
  }

  private Held held(String name, Version version, int depth) {
    var fields = new LinkedHashMap<String, Object>();
    version
        .classes()
        .get(name)
        .fields()
        .forEach((field, type) -> fields.put(field, value(type, version, depth + 1)));
    return new Held(name, fields);
  }

  private Object number(String name) {
    return switch (name) {
      case "boolean" -> random.nextBoolean();
      case "byte" -> (byte) random.nextInt();
      case "short" -> (short) random.nextInt();
      case "char" -> (char) random.nextInt();
      case "int" -> random.nextInt();
      case "long" -> random.nextLong();
      case "float" -> random.nextFloat();
      default -> random.nextDouble();
    };
  }

  private static Object none(Type type) {
    return type.form() == Form.PRIMITIVE
        ? Array.get(Array.newInstance(primitive(type.name()), 1), 0)
        : null;
  }

  private static Class<?> primitive(String name) {
    return java.lang.invoke.MethodType.fromMethodDescriptorString(
            "()"
                + Map.of(
                        "boolean", "Z", "byte", "B", "short", "S", "char", "C", "int", "I", "long",
                        "J", "float", "F", "double", "D")
                    .get(name),
            null)
        .returnType();
  }

  /** What the value is now, says the model. */
  private Object expected(Object value, Type was, Type is, Version before, Version after) {
    if (value == null) {
      return null;
    }
    return switch (was.form()) {
      case PRIMITIVE, BOX -> widened(value, is.name());
      case PRIMITIVES -> ((List<?>) value).stream().map(each -> widened(each, is.name())).toList();
      case TEXT, ENUM -> value;
      case CLASS, FAMILY, ANY -> expected((Held) value, before, after);
      case LIST, ARRAY, PAIR -> {
        var list = new ArrayList<Object>();
        for (Object each : (List<?>) value) {
          list.add(
              each instanceof String text && was.form() == Form.PAIR && list.isEmpty()
                  ? text
                  : expected(each, was.of().get(0), is.of().get(0), before, after));
        }
        yield list;
      }
      case OPTION ->
          ((Optional<?>) value)
              .map(each -> expected(each, was.of().get(0), is.of().get(0), before, after));
      case MAP -> {
        var map = new LinkedHashMap<String, Object>();
        ((Map<?, ?>) value)
            .forEach(
                (k, v) ->
                    map.put(
                        (String) k, expected(v, was.of().get(0), is.of().get(0), before, after)));
        yield map;
      }
    };
  }

  private Held expected(Held value, Version before, Version after) {
    Made was = before.classes().get(value.type());
    var fields = new LinkedHashMap<String, Object>();
    after
        .classes()
        .get(value.type())
        .fields()
        .forEach(
            (name, type) ->
                fields.put(
                    name,
                    was.fields().containsKey(name)
                        ? expected(
                            value.fields().get(name), was.fields().get(name), type, before, after)
                        : none(type)));
    return new Held(value.type(), fields);
  }

  private static Object widened(Object value, String to) {
    Object array = Array.newInstance(primitive(to), 1);
    Array.set(array, 0, value); // widens as Java does
    return Array.get(array, 0);
  }

  // --- from the model to objects and back

  private Object object(Object value, Type type, Version version, ClassLoader loader)
      throws Exception {
    if (value == null) {
      return null;
    }
    switch (type.form()) {
      case PRIMITIVE, BOX, TEXT:
        return value;
      case PRIMITIVES:
        Object array = Array.newInstance(primitive(type.name()), ((List<?>) value).size());
        for (int i = 0; i < ((List<?>) value).size(); i++) {
          Array.set(array, i, ((List<?>) value).get(i));
        }
        return array;
      case ENUM:
        return loader.loadClass(type.name()).getField((String) value).get(null);
      case CLASS, FAMILY, ANY:
        return object((Held) value, version, loader);
      case OPTION:
        Object inner = ((Optional<?>) value).orElse(null);
        return Optional.ofNullable(object(inner, type.of().get(0), version, loader));
      case MAP:
        var map = new LinkedHashMap<Object, Object>();
        for (var entry : ((Map<?, ?>) value).entrySet()) {
          map.put(entry.getKey(), object(entry.getValue(), type.of().get(0), version, loader));
        }
        return map;
      case PAIR:
        return io.millrace.api.tuple.Tuple2.of(
            "k", object(((List<?>) value).get(1), type.of().get(0), version, loader));
      default:
        var list = new ArrayList<Object>();
        for (Object each : (List<?>) value) {
          list.add(object(each, type.of().get(0), version, loader));
        }
        return type.form() == Form.LIST
            ? list
            : list.toArray((Object[]) Array.newInstance(loader.loadClass(type.name()), 0));
    }
  }

  private Object object(Held value, Version version, ClassLoader loader) throws Exception {
    Made made = version.classes().get(value.type());
    Class<?> type = loader.loadClass(value.type());
    if (made.pojo()) {
      Object bean = type.getConstructor().newInstance();
      for (var field : made.fields().entrySet()) {
        type.getField(field.getKey())
            .set(
                bean,
                object(value.fields().get(field.getKey()), field.getValue(), version, loader));
      }
      return bean;
    }
    var arguments = new ArrayList<Object>();
    for (var field : made.fields().entrySet()) {
      arguments.add(object(value.fields().get(field.getKey()), field.getValue(), version, loader));
    }
    return type.getConstructors()[0].newInstance(arguments.toArray());
  }

  private static Object model(Object value, Version version) throws Exception {
    if (value == null
        || value instanceof String
        || value instanceof Number
        || value instanceof Character
        || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof Optional<?> option) {
      return Optional.ofNullable(model(option.orElse(null), version));
    }
    if (value instanceof Map<?, ?> map) {
      var all = new LinkedHashMap<String, Object>();
      for (var entry : map.entrySet()) {
        all.put((String) entry.getKey(), model(entry.getValue(), version));
      }
      return all;
    }
    var list = new ArrayList<Object>();
    if (value instanceof io.millrace.api.tuple.Tuple2<?, ?> pair) {
      list.add(model(pair.f0, version));
      list.add(model(pair.f1, version));
      return list;
    }
    if (value.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(value); i++) {
        list.add(model(Array.get(value, i), version));
      }
      return list;
    }
    if (value instanceof List<?> all) {
      for (Object each : all) {
        list.add(model(each, version));
      }
      return list;
    }
    Made made = version.classes().get(value.getClass().getName());
    var fields = new LinkedHashMap<String, Object>();
    for (String field : made.fields().keySet()) {
      Object held;
      if (made.pojo()) {
        Field place = value.getClass().getField(field);
        held = place.get(value);
      } else {
        Method getter = value.getClass().getMethod(field);
        held = getter.invoke(value);
      }
      fields.put(field, model(held, version));
    }
    return new Held(value.getClass().getName(), fields);
  }

  @Test
  void whatIsReadIsWhatTheModelSays() throws Exception {
    random = new Random(4711);
    var families = new ArrayList<Family>();
    var before = new ArrayList<String[]>();
    var after = new ArrayList<String[]>();
    for (int i = 0; i < FAMILIES; i++) {
      Family family = family("F" + i + "x");
      families.add(family);
      sources(family.prefix(), family.before(), before);
      sources(family.prefix(), family.after(), after);
    }
    ClassLoader then = compiled("before", before);
    ClassLoader now = compiled("after", after);
    int refused = 0;
    int migrated = 0;
    for (Family family : families) {
      String name = family.prefix() + "C3";
      Serializer<Object> writer = serializer(then, name);
      Serializer<Object> reader = serializer(now, name);
      var migration = Migration.of(Shape.of(writer), reader, Migration.Use.VALUE);
      if (migration.refusal().isPresent()) {
        assertThat(family.after().refused()).as(family.prefix() + migration.refusal()).isTrue();
        refused++;
        continue;
      }
      for (int i = 0; i < VALUES; i++) {
        Held value = held(name, family.before(), 0);
        var out = DataWriter.describing(64);
        writer.write(object(value, family.before(), then), out);
        out.writeInt(4242);
        var in = new DataReader(out.toByteArray(), now);
        Object read;
        try {
          read = migration.serializer().read(in);
        } catch (CorruptDataException e) {
          // Classes that values name are compared only when they come.
          assertThat(family.after().refused()).as(family.prefix() + e.getMessage()).isTrue();
          assertThat(e).hasMessageContaining(" was ");
          refused++;
          continue;
        }
        assertThat(in.readInt()).as("all is read, and no more").isEqualTo(4242);
        Held expected = expected(value, family.before(), family.after());
        Object found = model(read, family.after());
        if (!Objects.equals(found, expected)) {
          assertThat(found).as(family.toString()).isEqualTo(expected);
        }
        migrated++;
      }
    }
    assertThat(refused).isGreaterThan(2);
    assertThat(migrated).isGreaterThan(FAMILIES * VALUES / 3);
  }

  @SuppressWarnings("unchecked") // values of that class are Objects here
  private static Serializer<Object> serializer(ClassLoader loader, String name) throws Exception {
    return (Serializer<Object>) Serializers.of(loader.loadClass(name), loader);
  }
}
