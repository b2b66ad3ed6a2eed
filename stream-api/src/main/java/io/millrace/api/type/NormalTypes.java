package io.millrace.api.type;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Generic types in a normal form that can be compared: a Class, a {@link Generic} or an {@link
 * ArrayOf}. Whatever is not known (unbound variables, wildcards without bound) becomes Object.
 */
final class NormalTypes {
  private NormalTypes() {}

  /** A generic class and its arguments, both in normal form. */
  record Generic(Class<?> raw, List<Type> arguments) implements Type {
    Generic {
      arguments = List.copyOf(arguments);
    }
  }

  /** An array of a generic type; other arrays are classes. */
  record ArrayOf(Type element) implements Type {}

  static Type normal(Type type) {
    return normal(type, Map.of());
  }

  static Type normal(Type type, Map<TypeVariable<?>, Type> bindings) {
    if (type instanceof Class || type instanceof Generic || type instanceof ArrayOf) {
      return type;
    }
    if (type instanceof ParameterizedType generic) {
      List<Type> arguments = new ArrayList<>();
      for (Type argument : generic.getActualTypeArguments()) {
        arguments.add(normal(argument, bindings));
      }
      return new Generic((Class<?>) generic.getRawType(), arguments);
    }
    if (type instanceof GenericArrayType array) {
      return arrayOf(normal(array.getGenericComponentType(), bindings));
    }
    if (type instanceof WildcardType wildcard) {
      return normal(wildcard.getUpperBounds()[0], bindings);
    }
    return type instanceof TypeVariable<?> variable
        ? bindings.getOrDefault(variable, Object.class)
        : Object.class;
  }

  static Type arrayOf(Type element) {
    return element instanceof Class<?> known
        ? Array.newInstance(known, 0).getClass()
        : new ArrayOf(element);
  }

  static Class<?> raw(Type normal) {
    if (normal instanceof Class<?> known) {
      return known;
    }
    if (normal instanceof Generic generic) {
      return generic.raw();
    }
    return Array.newInstance(raw(((ArrayOf) normal).element()), 0).getClass();
  }

  /** What the type parameters of the raw class stand for; empty for a raw use. */
  static Map<TypeVariable<?>, Type> bindings(Type normal) {
    Map<TypeVariable<?>, Type> bindings = new LinkedHashMap<>();
    if (normal instanceof Generic generic) {
      TypeVariable<?>[] parameters = generic.raw().getTypeParameters();
      for (int i = 0; i < parameters.length; i++) {
        bindings.put(parameters[i], generic.arguments().get(i));
      }
    }
    return bindings;
  }

  /** The i-th type argument, Object where it is not known. */
  static Type argument(Type normal, int index) {
    return normal instanceof Generic generic ? generic.arguments().get(index) : Object.class;
  }

  /** The supertype of {@code normal} with the given raw class, or null if it has none. */
  static Type asSuper(Type normal, Class<?> target) {
    Class<?> raw = raw(normal);
    if (raw == target) {
      return normal;
    }
    if (!target.isAssignableFrom(raw)) {
      return null;
    }
    Map<TypeVariable<?>, Type> bindings = bindings(normal);
    List<Type> supertypes = new ArrayList<>(List.of(raw.getGenericInterfaces()));
    if (raw.getGenericSuperclass() != null) {
      supertypes.add(raw.getGenericSuperclass());
    }
    for (Type supertype : supertypes) {
      Type found = asSuper(normal(supertype, bindings), target);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * The given subclass with the arguments that follow from those of its parent: a {@code Some<T>}
   * of an {@code Option<String>} is a {@code Some<String>}.
   */
  static Type narrow(Type parent, Class<?> subclass) {
    TypeVariable<?>[] parameters = subclass.getTypeParameters();
    if (parameters.length == 0 || !(parent instanceof Generic known)) {
      return subclass;
    }
    // The subclass in terms of its own parameters shows where they turn up in the parent.
    Map<TypeVariable<?>, Type> own = new LinkedHashMap<>();
    List<Type> marks = new ArrayList<>();
    for (TypeVariable<?> parameter : parameters) {
      marks.add(new Mark(parameter));
    }
    Type seen = asSuper(new Generic(subclass, marks), known.raw());
    if (seen instanceof Generic pattern) {
      for (int i = 0; i < pattern.arguments().size(); i++) {
        if (pattern.arguments().get(i) instanceof Mark mark) {
          own.put(mark.parameter(), known.arguments().get(i));
        }
      }
    }
    List<Type> arguments = new ArrayList<>();
    for (TypeVariable<?> parameter : parameters) {
      arguments.add(own.getOrDefault(parameter, Object.class));
    }
    return new Generic(subclass, arguments);
  }

  private record Mark(TypeVariable<?> parameter) implements Type {}
}
