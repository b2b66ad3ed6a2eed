package io.millrace.api.type;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What reflection knows about a record: its canonical constructor and its components. */
record RecordShape(MethodHandle constructor, List<Part> parts) {

  record Part(String name, Type type, MethodHandle getter) {}

  static RecordShape of(Type type, Class<?> raw, String path) {
    Map<TypeVariable<?>, Type> bindings = NormalTypes.bindings(type);
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    List<Part> parts = new ArrayList<>();
    List<Class<?>> types = new ArrayList<>();
    try {
      for (RecordComponent component : raw.getRecordComponents()) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        parts.add(
            new Part(
                component.getName(),
                NormalTypes.normal(component.getGenericType(), bindings),
                lookup.unreflect(accessor)));
        types.add(component.getType());
      }
      Constructor<?> constructor = raw.getDeclaredConstructor(types.toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return new RecordShape(lookup.unreflectConstructor(constructor), List.copyOf(parts));
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      throw new NoSerializerException(
          raw.getName(),
          path,
          "its components cannot be reached (" + e.getMessage() + ")",
          "open its package to the module of the engine");
    }
  }
}
