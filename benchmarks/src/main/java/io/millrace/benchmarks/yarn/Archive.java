package io.millrace.benchmarks.yarn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes one jar of several jars and folders of classes. */
final class Archive implements AutoCloseable {
  private static final String SERVICES = "META-INF/services/";
  private static final String MANIFEST = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";

  private final ZipOutputStream out;
  private final Set<String> written = new HashSet<>();
  private final Map<String, ByteArrayOutputStream> services = new TreeMap<>();

  /** Of files with one name the first is taken; lists of services are joined. */
  static void merge(List<Path> parts, Path jar) throws IOException {
    try (var archive = new Archive(new ZipOutputStream(Files.newOutputStream(jar)))) {
      for (Path part : parts) {
        if (Files.isDirectory(part)) {
          archive.addFolder(part);
        } else {
          archive.addJar(part);
        }
      }
    }
  }

  private Archive(ZipOutputStream out) throws IOException {
    this.out = out;
    out.setLevel(Deflater.BEST_SPEED);
    write(JarFile.MANIFEST_NAME, MANIFEST.getBytes());
  }

  private void addFolder(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        add(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
  }

  private void addJar(Path jar) throws IOException {
    try (var file = new JarFile(jar.toFile(), false)) {
      for (var entries = file.entries(); entries.hasMoreElements(); ) {
        var entry = entries.nextElement();
        if (!entry.isDirectory()) {
          try (InputStream in = file.getInputStream(entry)) {
            add(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
  }

  private void add(String name, byte[] content) throws IOException {
    if (name.startsWith(SERVICES)) {
      ByteArrayOutputStream joined =
          services.computeIfAbsent(name, each -> new ByteArrayOutputStream());
      joined.write(content);
      joined.write('\n');
    } else if (!name.endsWith("module-info.class")
        && !name.matches("META-INF/[^/]+\\.(SF|RSA|DSA)")) {
      write(name, content);
    }
  }

  private void write(String name, byte[] content) throws IOException {
    if (written.add(name)) {
      out.putNextEntry(new ZipEntry(name));
      out.write(content);
      out.closeEntry();
    }
  }

  @Override
  public void close() throws IOException {
    for (var service : services.entrySet()) {
      write(service.getKey(), service.getValue().toByteArray());
    }
    out.close();
  }
}
