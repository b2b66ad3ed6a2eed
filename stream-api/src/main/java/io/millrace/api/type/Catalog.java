package io.millrace.api.type;

import io.millrace.api.tuple.Tuple;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The serializers of one class loader, made as they are asked for.
 *
 * <p>A type that others may extend is dynamic where it is declared, as the value's class may be
 * another; final classes, records, enums and closed families are not, and a POJO marks subclasses.
 */
final class Catalog {
  private static final String NO_DATA = "it is a class of the JDK that is not known to hold data";

  private final ClassLoader loader;
  private final DynamicSerializer dynamic = new DynamicSerializer(this);
  private final Extras extras;
  private final KryoPool kryos;
  private final Map<Type, Serializer<?>> known = new ConcurrentHashMap<>();
  private final Map<Class<?>, DynamicSerializer.Entry> entries = new ConcurrentHashMap<>();
  private final Map<String, DynamicSerializer.Entry> named = new ConcurrentHashMap<>();

  private final Map<Class<?>, Shape> shapes = new ConcurrentHashMap<>();
  private final Map<Changed, Migration<Object>> migrations = new ConcurrentHashMap<>();

  // Of the resolution in progress; it becomes known as a whole or not at all.
  private final Map<Type, Serializer<?>> made = new HashMap<>();
  private final Deque<String> path = new ArrayDeque<>();

  Catalog(ClassLoader loader) {
    this(loader, true);
  }

  private Catalog(ClassLoader loader, boolean open) {
    this.extras = new Extras(open ? dynamic : null);
    this.loader = loader == null ? Catalog.class.getClassLoader() : loader;
    this.kryos = new KryoPool(this.loader);
  }

  /** One whose collections have no order that would have to be named. */
  static Catalog closed(ClassLoader loader) {
    return new Catalog(loader, false);
  }

  DynamicSerializer dynamic() {
    return dynamic;
  }

  /** The serializer of a declared type. */
  Serializer<?> resolve(Type type) {
    Type normal = NormalTypes.normal(type);
    Serializer<?> found = known.get(normal);
    return found != null ? found : resolveWhole(normal);
  }

  private synchronized Serializer<?> resolveWhole(Type normal) {
    try {
      Serializer<?> serializer = part(normal);
      known.putAll(made);
      return serializer;
    } finally {
      made.clear();
      path.clear();
    }
  }

  private synchronized Serializer<?> resolveForm(JdkForm<?> form) {
    try {
      Serializer<?> serializer = form(form.type(), form);
      known.putAll(made);
      return serializer;
    } finally {
      made.clear();
      path.clear();
    }
  }

  /** What data calls by this name, where the reader may bring a loader of its own. */
  DynamicSerializer.Entry named(String name, ClassLoader readerLoader) {
    if (readerLoader != null && readerLoader != loader) {
      return entryOf(AllowedClasses.named(name, readerLoader));
    }
    DynamicSerializer.Entry entry = name == null ? null : named.get(name);
    if (entry == null) {
      entry = entryOf(AllowedClasses.named(name, loader));
      named.put(name, entry);
    }
    return entry;
  }

  /** The serializer of values of exactly this class. */
  DynamicSerializer.Entry entryOf(Class<?> type) {
    DynamicSerializer.Entry entry = entries.get(type);
    if (entry == null) {
      Class<?> written = canonical(type);
      entry = new DynamicSerializer.Entry(written, exact(written));
      entries.put(type, entry);
    }
    return entry;
  }

  /** What is written of values of that class. */
  Shape shapeOf(DynamicSerializer.Entry entry) {
    return shapes.computeIfAbsent(entry.type(), type -> Shape.brief(entry.serializer()));
  }

  /** How values of that class are read that were written when it had the shape. */
  Migration<Object> migration(Shape written, DynamicSerializer.Entry entry, Migration.Use use) {
    return migrations.computeIfAbsent(
        new Changed(written, entry, use), each -> Migration.of(written, entry.serializer(), use));
  }

  private record Changed(Shape written, DynamicSerializer.Entry entry, Migration.Use use) {}

  /** Under which class dynamic values of the given one are written. */
  static Class<?> canonical(Class<?> type) {
    if (Enum.class.isAssignableFrom(type) && !type.isEnum() && type != Enum.class) {
      return type.getSuperclass();
    }
    return AllowedClasses.isJdk(type) ? AllowedClasses.family(type) : type;
  }

  @SuppressWarnings("unchecked") // used for values of that class only
  private Serializer<Object> exact(Class<?> type) {
    if (!AllowedClasses.mayBeNamed(type)) {
      throw new NoSerializerException(
          type.getName(), "", NO_DATA, "keep the data it stands for in a type of your own");
    }
    if (AllowedClasses.isForeign(type, loader)) {
      throw new NoSerializerException(
          type.getName(), "", AllowedClasses.FOREIGN, "put that library into the job's jar");
    }
    Serializer<?> serializer = resolve(type);
    if (serializer != dynamic) {
      return (Serializer<Object>) serializer;
    }
    JdkForm<?> form = JdkForms.of(type);
    if (form != null) {
      return (Serializer<Object>) resolveForm(form);
    }
    if (Modifier.isAbstract(type.getModifiers())) {
      throw new NoSerializerException(
          type.getName(), "", "it is abstract", "only classes that have values can be named");
    }
    return new KryoSerializer<>((Class<Object>) type, kryos, "");
  }

  private Serializer<?> part(Type normal) {
    Serializer<?> found = known.get(normal);
    if (found == null) {
      found = made.get(normal);
    }
    if (found != null) {
      return found;
    }
    Knot<?> knot = new Knot<>();
    made.put(normal, knot);
    Serializer<?> serializer = make(normal, NormalTypes.raw(normal));
    knot.tie(serializer);
    made.put(normal, serializer);
    return serializer;
  }

  private Serializer<?> partAt(String field, Type normal) {
    path.addLast(field);
    Serializer<?> serializer = part(normal);
    path.removeLast();
    return serializer;
  }

  private Serializer<?> make(Type type, Class<?> raw) {
    Serializer<?> scalar = ScalarSerializer.of(raw);
    if (scalar != null) {
      return scalar;
    }
    if (raw.isArray()) {
      return array(type, raw);
    }
    if (raw.isEnum()) {
      return new EnumSerializer<>(raw);
    }
    if (raw == Optional.class) {
      return new OptionalSerializer<>(objects("value", NormalTypes.argument(type, 0)));
    }
    if (CollectionSerializer.handles(raw)) {
      return new CollectionSerializer<>(
          raw, objects("element", NormalTypes.argument(type, 0)), extras);
    }
    if (MapSerializer.handles(raw)) {
      return new MapSerializer<>(
          raw,
          objects("key", NormalTypes.argument(type, 0)),
          objects("value", NormalTypes.argument(type, 1)),
          extras);
    }
    if (TupleSerializer.handles(raw)) {
      List<Serializer<Object>> fields = new ArrayList<>();
      for (int i = 0; i < raw.getTypeParameters().length; i++) {
        fields.add(objects("f" + i, NormalTypes.argument(type, i)));
      }
      return new TupleSerializer(raw, fields);
    }
    return AllowedClasses.isJdk(raw) ? jdk(type, raw) : user(type, raw);
  }

  private Serializer<?> array(Type type, Class<?> raw) {
    Class<?> element = raw.getComponentType();
    if (element.isPrimitive()) {
      return PrimitiveArraySerializer.of(raw);
    }
    Type elementType = type instanceof NormalTypes.ArrayOf array ? array.element() : element;
    return new ArraySerializer<>(element, objects("element", elementType));
  }

  private Serializer<?> jdk(Type type, Class<?> raw) {
    if (AllowedClasses.isListedOpen(raw)) {
      return dynamic;
    }
    if (!AllowedClasses.isListed(raw)) {
      throw new NoSerializerException(
          raw.getName(),
          path(),
          NO_DATA,
          "make the field transient, or keep the data it stands for in a type of your own");
    }
    if (!Modifier.isFinal(raw.getModifiers())) {
      return dynamic;
    }
    JdkForm<?> form = JdkForms.of(raw);
    return form == null ? new KryoSerializer<>(raw, kryos, path()) : form(type, form);
  }

  private <T> Serializer<T> form(Type type, JdkForm<T> form) {
    List<Serializer<Object>> parts = new ArrayList<>();
    for (JdkForm.Part part : form.parts()) {
      parts.add(objects(part.name(), part.in(type)));
    }
    return new FormSerializer<>(form, parts, loader);
  }

  private Serializer<?> user(Type type, Class<?> raw) {
    if (raw.isHidden() || raw.isSynthetic()) {
      throw new NoSerializerException(
          raw.getName(),
          path(),
          "it is a lambda or another class without a name",
          "use a class, record or enum that has one");
    }
    if (raw.isRecord()) {
      return record(type, raw);
    }
    if (raw.isSealed()) {
      List<Class<?>> leaves = raw == Tuple.class ? null : SealedSerializer.leaves(raw);
      if (leaves != null) {
        return sealed(type, raw, leaves);
      }
    }
    if (Modifier.isAbstract(raw.getModifiers())) {
      return dynamic;
    }
    PojoShape pojo = PojoShape.of(type, raw);
    if (pojo != null) {
      return pojo(raw, pojo);
    }
    return Modifier.isFinal(raw.getModifiers())
        ? new KryoSerializer<>(raw, kryos, path())
        : dynamic;
  }

  private Serializer<?> sealed(Type type, Class<?> raw, List<Class<?>> leaves) {
    List<Serializer<?>> members = new ArrayList<>();
    for (Class<?> leaf : leaves) {
      members.add(partAt(leaf.getSimpleName(), NormalTypes.narrow(type, leaf)));
    }
    return new SealedSerializer<>(raw.getName(), leaves, members);
  }

  private Serializer<?> record(Type type, Class<?> raw) {
    RecordShape shape = RecordShape.of(type, raw, path());
    List<Component> components = new ArrayList<>();
    for (RecordShape.Part part : shape.parts()) {
      components.add(new Component(part.name(), part.getter(), partAt(part.name(), part.type())));
    }
    return new RecordSerializer<>(raw.getName(), shape.constructor(), components);
  }

  private Serializer<?> pojo(Class<?> raw, PojoShape shape) {
    List<Component> components = new ArrayList<>();
    List<MethodHandle> setters = new ArrayList<>();
    for (PojoShape.Property property : shape.properties()) {
      components.add(
          new Component(
              property.name(), property.getter(), partAt(property.name(), property.type())));
      setters.add(property.setter());
    }
    return new PojoSerializer<>(raw, shape.constructor(), components, setters, dynamic);
  }

  @SuppressWarnings("unchecked") // the parts of generic containers see values of that type only
  private <T> Serializer<T> objects(String field, Type normal) {
    return (Serializer<T>) partAt(field, normal);
  }

  private String path() {
    return String.join(".", path);
  }
}
