package io.millrace.it;

import io.millrace.it.ledger.LedgerJob;
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
    return of("programs", file, mainClass);
  }

  /** The ledger, with {@code LedgerJob} as its main class. */
  static Path ledger(Path file) throws IOException {
    return of("ledger", file, LedgerJob.class.getName());
  }

  private static Path of(String packageName, Path file, String mainClass) throws IOException {
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (mainClass != null) {
      manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
    }
    try (OutputStream out = Files.newOutputStream(file);
        var jar = new JarOutputStream(out, manifest)) {
      for (Path each : classes(packageName)) {
        String name = "io/millrace/it/" + packageName + "/" + each.getFileName();
        jar.putNextEntry(new JarEntry(name));
        try (InputStream in = Files.newInputStream(each)) {
          in.transferTo(jar);
        }
        jar.closeEntry();
      }
    }
    return file;
  }

  private static List<Path> classes(String packageName) throws IOException {
    try {
      URI folder = Jars.class.getResource(packageName).toURI();
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        return files.sorted().toList();
      }
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
