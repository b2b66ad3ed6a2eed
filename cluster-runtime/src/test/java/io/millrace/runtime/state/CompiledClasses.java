package io.millrace.runtime.state;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/** Classes of a version of a program, made from source while a test runs. */
public final class CompiledClasses {
  private CompiledClasses() {}

  /**
   * A loader that has the classes and, above them, those of the test.
   *
   * @param folder made anew
   * @param sources each with one public class at its beginning
   */
  public static ClassLoader of(Path folder, String... sources) throws IOException {
    Files.createDirectory(folder);
    var arguments = new ArrayList<>(List.of("-classpath", System.getProperty("java.class.path")));
    for (String source : sources) {
      String name =
          source.replaceAll(
              "(?s).*?public (?:final |static )*(?:record|class|enum|sealed interface) (\\w+).*",
              "$1");
      Path file = Files.writeString(folder.resolve(name + ".java"), source);
      arguments.add(file.toString());
    }
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    if (failed != 0) {
      throw new IllegalArgumentException("the classes of " + folder + " do not compile");
    }
    return new URLClassLoader(
        new URL[] {folder.toUri().toURL()}, CompiledClasses.class.getClassLoader());
  }
}
