package io.millrace.cli;

import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipException;

/** A user's program: its jars, their class loader, and the main method. */
final class PackagedProgram {
  /** A jar with more entries is no program. */
  private static final int MOST_ENTRIES = 100_000;

  private final List<Path> jars;
  private final ClassLoader loader;
  private final Method main;

  private PackagedProgram(List<Path> jars, ClassLoader loader, Method main) {
    this.jars = jars;
    this.loader = loader;
    this.main = main;
  }

  /**
   * @param mainClass if the manifest's is not wanted
   * @param further URLs of jars that the program needs besides
   */
  static PackagedProgram open(String jar, Optional<String> mainClass, List<String> further) {
    var jars = new ArrayList<Path>();
    jars.add(file(jar, "the program's jar"));
    for (String url : further) {
      jars.add(file(fromUrl(url), "the jar of -C"));
    }
    String name = mainClass.orElseGet(() -> manifestMain(jars.get(0)));
    ClassLoader loader = loader(jars);
    return new PackagedProgram(List.copyOf(jars), loader, main(name, loader, jars.get(0)));
  }

  List<Path> jars() {
    return jars;
  }

  ClassLoader loader() {
    return loader;
  }

  String mainClass() {
    return main.getDeclaringClass().getName();
  }

  /** The innermost line of the program itself, as the end of a sentence. */
  String place(StackTraceElement[] frames) {
    for (StackTraceElement frame : frames) {
      if (frame.getClassLoaderName() != null && frame.getClassLoaderName().startsWith("job-")) {
        return ", at " + frame.getFileName() + ":" + frame.getLineNumber();
      }
    }
    return ", in " + mainClass();
  }

  /** Runs the main method on this thread. */
  void run(List<String> arguments) throws Throwable {
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

  private static Path file(String path, String what) {
    if (path.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*") && !path.startsWith("file:")) {
      throw new CommandException(
          what + " must lie on this machine, not at " + path + "; copy it here first");
    }
    Path file = path.startsWith("file:") ? Path.of(URI.create(path)) : Path.of(path);
    if (!Files.exists(file)) {
      throw new CommandException(
          what + " does not exist: " + file.toAbsolutePath() + "; build it, or correct the path");
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new CommandException(what + " is not a readable file: " + file.toAbsolutePath());
    }
    try (var zip = new JarFile(file.toFile())) {
      if (zip.size() > MOST_ENTRIES) {
        throw new CommandException(
            what + " " + file + " has more than " + MOST_ENTRIES + " entries; is it a program?");
      }
    } catch (ZipException e) {
      throw new CommandException(what + " is not a jar: " + file + " (" + e.getMessage() + ")");
    } catch (IOException e) {
      throw new CommandException("cannot read " + what + " " + file + ": " + e.getMessage());
    }
    return file.toAbsolutePath().normalize();
  }

  private static String fromUrl(String url) {
    if (!url.matches("[A-Za-z][A-Za-z0-9+.-]*:.*")) {
      throw new CommandException(
          "-C " + url + " has no protocol; write it as a URL, such as file:///lib/dependency.jar");
    }
    if (!url.startsWith("file:")) {
      throw new CommandException(
          "-C " + url + ": only file: URLs are supported; copy the jar to this machine");
    }
    try {
      return Path.of(URI.create(url)).toString();
    } catch (IllegalArgumentException e) {
      throw new CommandException("-C " + url + " is not a valid file URL: " + e.getMessage());
    }
  }

  private static String manifestMain(Path jar) {
    try (var file = new JarFile(jar.toFile())) {
      var manifest = file.getManifest();
      String name =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Attributes.Name.MAIN_CLASS);
      if (name == null || name.isBlank()) {
        throw new CommandException(
            "the manifest of " + jar + " names no Main-Class; say which class to run with -c");
      }
      return name.strip();
    } catch (IOException e) {
      throw new CommandException("cannot read the manifest of " + jar + ": " + e.getMessage());
    }
  }

  private static ClassLoader loader(List<Path> jars) {
    try {
      var refs = new ArrayList<JarRef>();
      for (Path jar : jars) {
        refs.add(new JarRef(JarClasses.sha256(jar), jar.getFileName().toString(), jar.toString()));
      }
      return new JarClasses(PackagedProgram.class.getClassLoader())
          .open(new JobId("0".repeat(32)), refs);
    } catch (IOException e) {
      throw new CommandException("cannot read the program's jars: " + e.getMessage());
    }
  }

  private static Method main(String name, ClassLoader loader, Path jar) {
    try {
      Method main = Class.forName(name, false, loader).getMethod("main", String[].class);
      if (!Modifier.isStatic(main.getModifiers()) || main.getReturnType() != void.class) {
        throw new CommandException(
            "the main method of " + name + " is not public static void main(String[])");
      }
      main.setAccessible(true); // the class itself need not be public
      return main;
    } catch (ClassNotFoundException e) {
      throw new CommandException(
          "the class " + name + " is not in " + jar + "; say which class to run with -c");
    } catch (NoSuchMethodException e) {
      throw new CommandException(
          "the class "
              + name
              + " has no public static void main(String[]); choose another with -c");
    } catch (LinkageError e) {
      if (MissingHadoop.is(e)) {
        throw e; // the jar is as it should be
      }
      throw new CommandException(
          "the class " + name + " cannot be loaded: " + e + "; rebuild " + jar.getFileName());
    }
  }
}
