package io.millrace.api.graph;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Objects;

/**
 * A user's object in transit, the only place where Java serialisation is used. Opened only in a
 * process that has authenticated its sender, in the job's class loader.
 *
 * @param description what it is, for people
 */
public record UserCode(String description, byte[] bytes) {
  private static final int MAX_DEPTH = 100;
  private static final long MAX_REFERENCES = 1_000_000;
  private static final long MAX_ARRAY = 64 << 20;

  public UserCode {
    Objects.requireNonNull(description);
    Objects.requireNonNull(bytes);
  }

  /**
   * @throws NotSerializableCodeException naming the field that cannot travel
   */
  public static UserCode of(Serializable object, String description) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    } catch (IOException | RuntimeException e) {
      throw NotSerializableCodeException.explain(description, object, e);
    }
    return new UserCode(description, bytes.toByteArray());
  }

  /** Opens the object; all its classes come from the loader. */
  public Object open(ClassLoader loader) {
    try (var in = new LoaderInput(bytes, loader)) {
      in.setObjectInputFilter(new JobClassesOnly(loader));
      return in.readObject();
    } catch (ClassNotFoundException | LinkageError e) {
      throw new UnreadableCodeException(
          description + " needs a class that is not in the job's jars: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      throw new UnreadableCodeException(description + " cannot be opened: " + e, e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UserCode that
        && description.equals(that.description)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * description.hashCode() + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return description + " (" + bytes.length + " bytes)";
  }

  /** The code in a job graph does not fit the classes at hand; cannot heal by itself. */
  public static final class UnreadableCodeException extends RuntimeException {
    UnreadableCodeException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final class LoaderInput extends ObjectInputStream {
    private final ClassLoader loader;

    LoaderInput(byte[] bytes, ClassLoader loader) throws IOException {
      super(new ByteArrayInputStream(bytes));
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(description); // primitive types
      }
    }
  }

  /** Classes of the job's jars and of Millrace, and from the JDK only plain values and closures. */
  private record JobClassesOnly(ClassLoader loader) implements ObjectInputFilter {
    @Override
    public Status checkInput(FilterInfo info) {
      if (info.depth() > MAX_DEPTH
          || info.references() > MAX_REFERENCES
          || info.arrayLength() > MAX_ARRAY) {
        return Status.REJECTED;
      }
      Class<?> type = info.serialClass();
      if (type == null) {
        return Status.UNDECIDED;
      }
      while (type.isArray()) {
        type = type.getComponentType();
      }
      if (type.isPrimitive() || type.getName().startsWith("io.millrace.")) {
        return Status.ALLOWED;
      }
      if (Proxy.isProxyClass(type)) {
        return Status.REJECTED;
      }
      return isPlatform(type) ? plainJdk(type) : Status.ALLOWED;
    }

    private static boolean isPlatform(Class<?> type) {
      ClassLoader home = type.getClassLoader();
      return home == null || home == ClassLoader.getPlatformClassLoader();
    }

    private static Status plainJdk(Class<?> type) {
      String name = type.getName();
      boolean plain =
          name.startsWith("java.lang.")
                  && !name.startsWith("java.lang.reflect.")
                  && !name.startsWith("java.lang.ref.")
                  && (!name.startsWith("java.lang.invoke.")
                      || name.equals("java.lang.invoke.SerializedLambda"))
              || name.startsWith("java.util.") && !name.startsWith("java.util.logging.")
              || name.startsWith("java.math.")
              || name.startsWith("java.time.")
              || name.startsWith("java.text.")
              || name.equals("java.net.URI");
      return plain ? Status.ALLOWED : Status.REJECTED;
    }
  }
}
