package io.millrace.runtime.harness;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.TreeSet;

/** Which methods of the API a class calls, as its class file says. */
final class ApiCalls {
  /** As {@code DataStream.map}, by the class that declares it. */
  static Set<String> of(Class<?> caller) throws Exception {
    String file = caller.getName().replace('.', '/') + ".class";
    var calls = new TreeSet<String>();
    try (InputStream in = caller.getClassLoader().getResourceAsStream(file)) {
      var pool = new Pool(new DataInputStream(in));
      for (int[] method : pool.pairs) {
        if (method != null && method[0] == Pool.METHOD) {
          int[] name = pool.pairs[method[2]];
          String owner = pool.texts[pool.classes[method[1]]];
          if (owner.startsWith("io/millrace/api/")) {
            Class<?> type = Class.forName(owner.replace('/', '.'));
            addDeclared(type, pool.texts[name[1]], pool.texts[name[2]], calls);
          }
        }
      }
    }
    return calls;
  }

  /** The public methods that a class declares. */
  static Set<String> declaredBy(Class<?> type) {
    var names = new TreeSet<String>();
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
        names.add(nameOf(method));
      }
    }
    return names;
  }

  private static void addDeclared(
      Class<?> owner, String name, String descriptor, Set<String> calls) {
    for (Class<?> type = owner; type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        String its =
            MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .toMethodDescriptorString();
        if (method.getName().equals(name) && its.equals(descriptor)) {
          calls.add(nameOf(method));
          return;
        }
      }
    }
  }

  private static String nameOf(Method method) {
    String owner = method.getDeclaringClass().getName();
    return owner.substring(owner.lastIndexOf('.') + 1).replace('$', '.') + "." + method.getName();
  }

  /** A class file's constants: JVM Specification, 4.4. */
  private static final class Pool {
    static final int METHOD = 10;
    final String[] texts;
    final int[] classes;

    /** Tag and the two indices of what has two. */
    final int[][] pairs;

    Pool(DataInputStream in) throws IOException {
      in.skipNBytes(8);
      int size = in.readUnsignedShort();
      texts = new String[size];
      classes = new int[size];
      pairs = new int[size][];
      for (int i = 1; i < size; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> texts[i] = in.readUTF();
          case 3, 4 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++; // these take two places
          }
          case 7, 8, 16, 19, 20 -> classes[i] = in.readUnsignedShort();
          case 15 -> in.skipNBytes(3);
          default -> pairs[i] = new int[] {tag, in.readUnsignedShort(), in.readUnsignedShort()};
        }
      }
    }
  }

  private ApiCalls() {}
}
