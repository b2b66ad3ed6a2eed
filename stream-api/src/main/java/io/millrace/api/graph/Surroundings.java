package io.millrace.api.graph;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The objects around inner and anonymous ones. Compilers give each such object a field for the one
 * in which it was made, whether it looks at it or not, so that a function would take along what
 * often cannot travel. Where byte code shows that nobody reads the field, it is made null.
 */
final class Surroundings {
  /** What compilers for the JVM call the field; a number follows. */
  private static final String FIELD = "this$";

  private final Map<Class<?>, List<Field>> needless = new HashMap<>();

  /** Cuts an object off from those around it that it never looks at. */
  void leave(Object object) {
    for (Field field : needless.computeIfAbsent(object.getClass(), Surroundings::needless)) {
      try {
        field.set(object, null);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(field + " was made accessible", e);
      }
    }
  }

  /** The fields for objects around that nobody reads, of a class and those that it extends. */
  private static List<Field> needless(Class<?> type) {
    var fields = new ArrayList<Field>();
    for (Class<?> each = type; each != null && !isPlatform(each); each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (field.isSynthetic()
            && field.getName().startsWith(FIELD)
            && !isRead(field)
            && field.trySetAccessible()) {
          fields.add(field);
        }
      }
    }
    return fields;
  }

  private static boolean isPlatform(Class<?> type) {
    ClassLoader home = type.getClassLoader();
    return home == null || home == ClassLoader.getPlatformClassLoader();
  }

  /** Whether the class, or one inside of it, may read the field once the object is made. */
  private static boolean isRead(Field field) {
    Class<?> type = field.getDeclaringClass();
    String owner = type.getName().replace('.', '/');
    var waiting = new ArrayDeque<String>();
    var seen = new TreeSet<String>();
    waiting.add(owner);
    while (!waiting.isEmpty()) {
      String name = waiting.poll();
      if (seen.add(name)) {
        var look = new Look(name, owner, field.getName());
        try (InputStream code = code(type, name)) {
          if (code == null) {
            return true;
          }
          new ClassReader(code).accept(look, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        } catch (IOException | IllegalArgumentException e) {
          return true; // of a Java that is not known here, maybe
        }
        if (look.found) {
          return true;
        }
        waiting.addAll(look.inside);
      }
    }
    return false;
  }

  private static InputStream code(Class<?> type, String name) {
    return type.getClassLoader().getResourceAsStream(name + ".class");
  }

  /** Looks through one class for reads of a field of another, or its own. */
  private static final class Look extends ClassVisitor {
    private final String name;
    private final String owner;
    private final String field;

    /** Classes in the owner that this one knows of. */
    private final TreeSet<String> inside = new TreeSet<>();

    private boolean found;

    Look(String name, String owner, String field) {
      super(Opcodes.ASM9);
      this.name = name;
      this.owner = owner;
      this.field = field;
    }

    @Override
    public void visitInnerClass(String inner, String outer, String simple, int access) {
      if (inner.startsWith(owner + "$")) {
        inside.add(inner);
      }
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      // What its own constructor read is in other fields by now, and none runs where it arrives.
      if (method.equals("<init>") && name.equals(owner)) {
        return null;
      }
      return new MethodVisitor(Opcodes.ASM9) {
        @Override
        public void visitFieldInsn(int opcode, String of, String read, String type) {
          found |= opcode == Opcodes.GETFIELD && of.equals(owner) && read.equals(field);
        }
      };
    }
  }
}
