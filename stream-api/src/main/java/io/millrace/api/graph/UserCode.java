package io.millrace.api.graph;

import io.millrace.api.type.JobClassLoader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
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
    try (var out = new UserCodeOutput(bytes)) {
      out.writeObject(object);
    } catch (IOException | RuntimeException e) {
      throw NotSerializableCodeException.explain(description, object, e);
    }
    return new UserCode(description, bytes.toByteArray());
  }

  /** Another object of the same description. */
  public UserCode holding(Serializable other) {
    return of(other, description);
  }

  /** Opens the object; all its classes come from the loader. */
  public Object open(ClassLoader loader) {
    var filter = new JobClassesOnly(loader);
    try (var in = new LoaderInput(bytes, loader)) {
      in.setObjectInputFilter(filter);
      return in.readObject();
    } catch (InvalidClassException e) {
      throw new UnreadableCodeException(
          filter.refused == null
              ? description + " cannot be opened: " + e
              : description
                  + " holds an object of "
                  + filter.refused.getName()
                  + ", which is neither of the job's jars nor a plain value; make it static or"
                  + " transient, or create it in open()",
          e);
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
  private static final class JobClassesOnly implements ObjectInputFilter {
    private final ClassLoader loader;

    /** The first class that was refused. */
    private Class<?> refused;

    JobClassesOnly(ClassLoader loader) {
      this.loader = loader;
    }

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
      if (isAllowed(type)) {
        return Status.ALLOWED;
      }
      refused = refused == null ? type : refused;
      return Status.REJECTED;
    }

    private boolean isAllowed(Class<?> type) {
      if (Proxy.isProxyClass(type)) {
        return false;
      }
      if (type.isPrimitive() || ours(type.getName())) {
        return true;
      }
      return isPlatform(type) ? plainJdk(type.getName()) : !isOfEngine(type);
    }

    /** Loggers too, which many keep in a field; they travel as their name. */
    private static boolean ours(String name) {
      return name.startsWith("io.millrace.")
          || name.startsWith("org.slf4j.")
          || name.startsWith("org.apache.logging.slf4j.");
    }

    /** Of a library beside the engine, such as Hadoop's, though the job has a loader of its own. */
    private boolean isOfEngine(Class<?> type) {
      ClassLoader engine = UserCode.class.getClassLoader();
      return type.getClassLoader() == engine && JobClassLoader.tellsApart(loader);
    }

    private static boolean isPlatform(Class<?> type) {
      ClassLoader home = type.getClassLoader();
      return home == null || home == ClassLoader.getPlatformClassLoader();
    }

    private static boolean plainJdk(String name) {
      return name.startsWith("java.lang.")
              && !name.startsWith("java.lang.reflect.")
              && !name.startsWith("java.lang.ref.")
              && (!name.startsWith("java.lang.invoke.")
                  || name.equals("java.lang.invoke.SerializedLambda"))
          || name.startsWith("java.util.") && !name.startsWith("java.util.logging.")
          || name.startsWith("java.math.")
          || name.startsWith("java.time.")
          || name.startsWith("java.text.")
          || name.equals("java.net.URI");
    }
  }
}
