package io.millrace.cli;

import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.host.UserProgram;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.zip.ZipException;

/** A user's program: its jars, their class loader, and the main method. */
final class PackagedProgram {
  /** A jar with more entries is no program. */
  private static final int MOST_ENTRIES = 100_000;

  private final List<Path> jars;
  private final UserProgram main;

  private PackagedProgram(List<Path> jars, UserProgram main) {
    this.jars = jars;
    this.main = main;
  }

  /**
   * @param mainClass if the manifest's is not wanted
   * @param further URLs of jars that the program needs besides
   */
  static PackagedProgram open(String jar, Optional<String> mainClass, List<String> further) {
    var jars = new ArrayList<Path>();
    jars.add(file(jar, "the program's jar"));
    jars.addAll(further(further));
    String name = mainClass.orElseGet(() -> manifestMain(jars.get(0)));
    ClassLoader loader = loader(jars);
    return new PackagedProgram(List.copyOf(jars), main(name, loader, jars.get(0)));
  }

  /** The jars of {@code -C}. */
  static List<Path> further(List<String> urls) {
    return urls.stream().map(url -> file(fromUrl(url), "the jar of -C")).toList();
  }

  /** Whether a path is one of another file system than this machine's. */
  static boolean isElsewhere(String path) {
    return path.matches("[A-Za-z][A-Za-z0-9+.-]+:/.*") && !path.startsWith("file:");
  }

  List<Path> jars() {
    return jars;
  }

  ClassLoader loader() {
    return main.loader();
  }

  String mainClass() {
    return main.mainClass();
  }

  /** The innermost line of the program itself, as the end of a sentence. */
  String place(StackTraceElement[] frames) {
    return main.place(frames);
  }

  /** Runs the main method on this thread. */
  void run(List<String> arguments) throws Throwable {
    main.run(arguments);
  }

  private static Path file(String path, String what) {
    if (isElsewhere(path)) {
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
    try {
      return UserProgram.mainClassOf(jar)
          .orElseThrow(
              () ->
                  new CommandException(
                      "the manifest of "
                          + jar
                          + " names no Main-Class; say which class to run with -c"));
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

  private static UserProgram main(String name, ClassLoader loader, Path jar) {
    try {
      return UserProgram.of(name, loader, jar.toString());
    } catch (UserProgram.UnusableException e) {
      throw new CommandException(e.getMessage());
    } catch (LinkageError e) {
      if (MissingHadoop.is(e)) {
        throw e; // the jar is as it should be
      }
      throw new CommandException(
          "the class " + name + " cannot be loaded: " + e + "; rebuild " + jar.getFileName());
    }
  }
}
