package io.millrace.api;

import io.millrace.api.graph.CachedFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The files that a program has registered. They are read when its job is submitted. */
final class CachedFiles {
  /** One letter is a drive of Windows. */
  private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+):.*");

  private static final String LOCAL = "file";
  private static final int BUFFER = 128 << 10;

  private final Map<String, Registered> byName = new TreeMap<>();

  private record Registered(String path, boolean executable) {}

  void register(String path, String name, boolean executable) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the file " + path + " needs a name");
    }
    Registered before = byName.putIfAbsent(name, new Registered(path, executable));
    if (before != null) {
      throw new IllegalArgumentException(
          "the name '"
              + name
              + "' of the file "
              + path
              + " is that of "
              + before.path()
              + " already; give each file its own");
    }
  }

  /**
   * @throws IllegalArgumentException if a file of this machine cannot be read; says what to do
   */
  List<CachedFile> read() {
    return byName.entrySet().stream().map(each -> read(each.getKey(), each.getValue())).toList();
  }

  private static CachedFile read(String name, Registered registered) {
    String path = registered.path();
    var scheme = SCHEME.matcher(path);
    if (scheme.matches() && !scheme.group(1).equalsIgnoreCase(LOCAL)) {
      return new CachedFile(name, path, "", registered.executable());
    }
    Path file = (scheme.matches() ? local(name, path) : Path.of(path)).toAbsolutePath().normalize();
    if (Files.isDirectory(file)) {
      throw refused(
          name, file + " is a directory; register its files one by one, or one archive of them");
    }
    if (!Files.exists(file)) {
      throw refused(
          name,
          file
              + " does not exist on this machine; a file of another file system is named with its"
              + " scheme, such as hdfs:///path");
    }
    try {
      return new CachedFile(name, file.toString(), sha256(file), registered.executable());
    } catch (IOException e) {
      throw refused(name, file + " cannot be read: " + e.getMessage());
    }
  }

  private static Path local(String name, String path) {
    try {
      return Path.of(URI.create(path));
    } catch (IllegalArgumentException e) {
      throw refused(name, path + " is not the address of a file: " + e.getMessage());
    }
  }

  private static IllegalArgumentException refused(String name, String reason) {
    return new IllegalArgumentException("the cached file '" + name + "': " + reason);
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
