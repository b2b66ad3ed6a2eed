package io.millrace.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Jars of the programs that come with these tests. */
final class Jars {
  private Jars() {}

  /**
   * @param mainClass for the manifest; none if it is null
   */
  static Path programs(Path file, String mainClass) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (mainClass != null) {
      manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
    }
    try (OutputStream out = Files.newOutputStream(file);
        var jar = new JarOutputStream(out, manifest)) {
      for (Path each : classes()) {
        jar.putNextEntry(new JarEntry("io/millrace/it/programs/" + each.getFileName()));
        try (InputStream in = Files.newInputStream(each)) {
          in.transferTo(jar);
        }
        jar.closeEntry();
      }
    }
    return file;
  }

  private static List<Path> classes() throws IOException {
    try {
      URI folder = Jars.class.getResource("programs").toURI();
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        return files.sorted().toList();
      }
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
