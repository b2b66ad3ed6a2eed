package io.millrace.api.type;

import java.io.Serializable;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * What is known about the type of a stream's records when the job is planned. It travels in the job
 * graph, so it names classes and does not hold them: whoever has no classes of the job can still
 * read it.
 *
 * <p>Supported are primitives, strings, byte arrays, arrays, numbers of java.math, the usual
 * classes of java.time, UUID, Optional, enums, records, sealed families, tuples, POJOs (a public
 * constructor without arguments; public fields, or getters and setters), lists, sets and maps of
 * all these; other classes of the job go through Kryo. What cannot be read from the program is
 * {@linkplain #dynamic dynamic}: each value says its class.
 */
public final class TypeInformation<T> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String ARRAY = "[]";
  private static final TypeInformation<Object> DYNAMIC =
      new TypeInformation<>(null, List.of(), false, true);

  /** Null if dynamic; "[]" for an array whose element is the only argument. */
  private final String className;

  private final ArrayList<TypeInformation<?>> arguments;
  private final boolean immutable;
  private final boolean hashable;

  private TypeInformation(
      String className, List<TypeInformation<?>> arguments, boolean immutable, boolean hashable) {
    this.className = className;
    this.arguments = new ArrayList<>(arguments);
    this.immutable = immutable;
    this.hashable = hashable;
  }

  /**
   * The type of a class; the parameters of a generic class are dynamic.
   *
   * @throws NoSerializerException if the class or something that it is made of has no serializer
   */
  @SuppressWarnings("unchecked") // of(Type) describes what it is given
  public static <T> TypeInformation<T> of(Class<T> type) {
    return (TypeInformation<T>) of((Type) type);
  }

  /** The type that the hint captures. */
  @SuppressWarnings("unchecked") // a TypeHint<T> captures T
  public static <T> TypeInformation<T> of(TypeHint<T> hint) {
    return (TypeInformation<T>) of(hint.type());
  }

  /**
   * A generic class with arguments that need not be known: {@code of(List.class, elementType)}. For
   * state; such a type is no key.
   *
   * @throws IllegalArgumentException if the class has another number of type parameters
   */
  public static TypeInformation<?> of(Class<?> generic, TypeInformation<?>... arguments) {
    if (generic.getTypeParameters().length != arguments.length) {
      throw new IllegalArgumentException(
          generic.getName()
              + " has "
              + generic.getTypeParameters().length
              + " type parameters, found "
              + arguments.length);
    }
    return new TypeInformation<>(generic.getName(), List.of(arguments), false, false);
  }

  /** The type that reflection describes; type variables and unbounded wildcards are dynamic. */
  public static TypeInformation<?> of(Type type) {
    Type normal = NormalTypes.normal(type);
    if (normal instanceof Class<?> known && known.isPrimitive()) {
      normal = MethodType.methodType(known).wrap().returnType();
    }
    ClassLoader loader = NormalTypes.raw(normal).getClassLoader();
    return of(normal, new Catalog(loader));
  }

  private static TypeInformation<?> of(Type normal, Catalog catalog) {
    Serializer<?> serializer = catalog.resolve(normal);
    if (serializer == catalog.dynamic()) {
      return DYNAMIC;
    }
    List<TypeInformation<?>> arguments = new ArrayList<>();
    String name = NormalTypes.raw(normal).getName();
    if (normal instanceof NormalTypes.Generic generic) {
      for (Type argument : generic.arguments()) {
        arguments.add(of(argument, catalog));
      }
    } else if (normal instanceof NormalTypes.ArrayOf array) {
      arguments.add(of(array.element(), catalog));
      name = ARRAY;
    }
    return new TypeInformation<>(name, arguments, serializer.immutable(), serializer.hashable());
  }

  /** The type of values that say their class themselves. */
  public static TypeInformation<Object> dynamic() {
    return DYNAMIC;
  }

  public boolean isDynamic() {
    return className == null;
  }

  /** As it would be written in a program, with full names; "dynamic" if it is that. */
  public String name() {
    if (isDynamic()) {
      return "dynamic";
    }
    if (className.equals(ARRAY)) {
      return arguments.get(0).name() + ARRAY;
    }
    if (className.startsWith("[")) {
      return nameOfArray();
    }
    if (arguments.isEmpty()) {
      return className;
    }
    return className + "<" + String.join(", ", names(arguments)) + ">";
  }

  /** From the JVM's name of an array class, such as {@code [I}. */
  private String nameOfArray() {
    int dimensions = className.lastIndexOf('[') + 1;
    String element = className.substring(dimensions);
    String name =
        element.startsWith("L")
            ? element.substring(1, element.length() - 1)
            : ClassDesc.ofDescriptor(element).displayName();
    return name + ARRAY.repeat(dimensions);
  }

  private static List<String> names(List<TypeInformation<?>> types) {
    return types.stream().<String>map(TypeInformation::name).toList();
  }

  /**
   * The class of the values, without its type arguments; {@code Object} if the type is dynamic.
   *
   * @throws NoSerializerException if the calling thread's class loader does not find it
   */
  @SuppressWarnings("unchecked") // the type names T
  public Class<T> getTypeClass() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? getClass().getClassLoader() : context;
    return (Class<T>) NormalTypes.raw(type(loader));
  }

  /** Of a class with type parameters, what stands for them; may be empty. */
  public List<TypeInformation<?>> arguments() {
    return Collections.unmodifiableList(arguments);
  }

  /** Whether nobody can change a value of this type; never so for a dynamic one. */
  public boolean immutable() {
    return immutable;
  }

  /** Whether values have a stable hash; a dynamic value may turn out to have none. */
  public boolean hashable() {
    return hashable;
  }

  /**
   * The serializer of this type, with the classes that the loader finds. May be used by several
   * threads at once; all who ask with the engine's loader or with a {@link JobClassLoader} get the
   * same.
   *
   * @throws NoSerializerException if a class is not found or has no serializer
   */
  @SuppressWarnings("unchecked") // the type names T
  public Serializer<T> serializer(ClassLoader loader) {
    return (Serializer<T>) SharedSerializers.of(loader).resolve(type(loader));
  }

  Type type(ClassLoader loader) {
    if (isDynamic()) {
      return Object.class;
    }
    List<Type> types = new ArrayList<>();
    for (TypeInformation<?> argument : arguments) {
      types.add(argument.type(loader));
    }
    if (className.equals(ARRAY)) {
      return NormalTypes.arrayOf(types.get(0));
    }
    Class<?> raw = raw(loader);
    return types.isEmpty() ? raw : new NormalTypes.Generic(raw, types);
  }

  private Class<?> raw(ClassLoader loader) {
    try {
      return Class.forName(className, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new NoSerializerException(
          className,
          "",
          "the job's class loader does not find it (" + e + ")",
          "add the jar that holds it to the job");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TypeInformation<?> that
        && Objects.equals(className, that.className)
        && arguments.equals(that.arguments);
  }

  @Override
  public int hashCode() {
    return Objects.hash(className, arguments);
  }

  @Override
  public String toString() {
    return name();
  }
}
