package io.millrace.api.type;

import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;

/**
 * Reads from a function object what type it puts out. A class that implements the interface says it
 * with its type arguments; a lambda says it where its result is a class that needs no arguments.
 * All else is dynamic, which is never wrong.
 */
public final class TypeExtractor {
  private TypeExtractor() {}

  /**
   * The type that the function says, else the one that stands for one type parameter of the
   * interface, the first having the index 0. Never throws: what cannot be read, or has no
   * serializer, is dynamic and meets its error, if any, at the first record.
   */
  public static TypeInformation<?> outputOf(
      Object function, Class<?> functionalInterface, int typeParameterIndex) {
    if (function instanceof ResultTypeQueryable<?> typed) {
      return typed.getProducedType();
    }
    try {
      Type declared = argument(function.getClass(), functionalInterface, typeParameterIndex);
      if (declared == Object.class && isResult(functionalInterface, typeParameterIndex)) {
        declared = resultOfLambda(function);
      }
      return TypeInformation.of(declared);
    } catch (RuntimeException | ReflectiveOperationException | LinkageError e) {
      return TypeInformation.dynamic();
    }
  }

  private static Type argument(Class<?> type, Class<?> functionalInterface, int index) {
    Type implemented = NormalTypes.asSuper(type, functionalInterface);
    return implemented == null ? Object.class : NormalTypes.argument(implemented, index);
  }

  /** Whether the only abstract method of the interface returns just this type parameter. */
  private static boolean isResult(Class<?> functionalInterface, int index) {
    TypeVariable<?> parameter = functionalInterface.getTypeParameters()[index];
    return Arrays.stream(functionalInterface.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
        .anyMatch(method -> method.getGenericReturnType().equals(parameter));
  }

  /** From the form in which a lambda is serialised, which tells the erased result. */
  private static Type resultOfLambda(Object function) throws ReflectiveOperationException {
    Class<?> type = function.getClass();
    if (!type.isSynthetic() && !type.isHidden()) {
      return Object.class;
    }
    Method writeReplace = type.getDeclaredMethod("writeReplace");
    writeReplace.setAccessible(true);
    if (!(writeReplace.invoke(function) instanceof SerializedLambda lambda)) {
      return Object.class;
    }
    MethodType signature =
        MethodType.fromMethodDescriptorString(
            lambda.getInstantiatedMethodType(), type.getClassLoader());
    Class<?> result = signature.returnType();
    // A class with type parameters would say less than its values do.
    return result == void.class || hasParameters(result) ? Object.class : result;
  }

  private static boolean hasParameters(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return element.getTypeParameters().length > 0;
  }
}
