package io.millrace.runtime.host;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** A user's main method, with the class loader of its jars. */
public final class UserProgram {
  private final ClassLoader loader;
  private final Method main;

  private UserProgram(ClassLoader loader, Method main) {
    this.loader = loader;
    this.main = main;
  }

  /** The class that a jar's manifest names, if it does. */
  public static Optional<String> mainClassOf(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return Optional.ofNullable(file.getManifest())
          .map(manifest -> manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS))
          .filter(name -> !name.isBlank())
          .map(String::strip);
    }
  }

  /**
   * Runs nothing of the program yet.
   *
   * @param jar where the class should be, for people
   * @throws UnusableException if it has no such main method
   * @throws LinkageError if the class is damaged, or lacks others that it needs at once
   */
  public static UserProgram of(String mainClass, ClassLoader loader, String jar)
      throws UnusableException {
    try {
      Method main = Class.forName(mainClass, false, loader).getMethod("main", String[].class);
      if (!Modifier.isStatic(main.getModifiers()) || main.getReturnType() != void.class) {
        throw new UnusableException(
            "the main method of " + mainClass + " is not public static void main(String[])");
      }
      main.setAccessible(true); // the class itself need not be public
      return new UserProgram(loader, main);
    } catch (ClassNotFoundException e) {
      throw new UnusableException(
          "the class " + mainClass + " is not in " + jar + "; say which class to run with -c");
    } catch (NoSuchMethodException e) {
      throw new UnusableException(
          "the class "
              + mainClass
              + " has no public static void main(String[]); choose another with -c");
    }
  }

  public ClassLoader loader() {
    return loader;
  }

  public String mainClass() {
    return main.getDeclaringClass().getName();
  }

  /** The innermost line of the program itself, as the end of a sentence. */
  public String place(StackTraceElement[] frames) {
    for (StackTraceElement frame : frames) {
      if (frame.getClassLoaderName() != null && frame.getClassLoaderName().startsWith("job-")) {
        return ", at " + frame.getFileName() + ":" + frame.getLineNumber();
      }
    }
    return ", in " + mainClass();
  }

  /** Runs the main method on this thread; throws what it throws. */
  public void run(List<String> arguments) throws Throwable {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      main.invoke(null, (Object) arguments.toArray(String[]::new));
    } catch (InvocationTargetException e) {
      throw e.getCause();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** A program without a main method that can be run; says what to do. */
  public static final class UnusableException extends Exception {
    private UnusableException(String message) {
      super(message);
    }
  }
}
