package io.millrace.api.cache;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files that a program has registered, as local files of the process that a function runs in.
 * They have the content that they had when the job was submitted, after a restart too, and are gone
 * once the job has ended. All functions of a process share them: they are for reading.
 */
public final class DistributedCache {
  /** Without any file. */
  public static final DistributedCache EMPTY = new DistributedCache(Map.of());

  private final TreeMap<String, Path> files;

  public DistributedCache(Map<String, Path> files) {
    this.files = new TreeMap<>(files);
  }

  /**
   * Waits for nothing: files are there before a function is opened.
   *
   * @throws IllegalArgumentException if no file was registered under the name
   */
  public File getFile(String name) {
    Path file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException(
          "no file is registered as '"
              + name
              + "'"
              + (files.isEmpty() ? "" : ", only as " + files.keySet())
              + "; register it with env.registerCachedFile(path, name)");
    }
    return file.toFile();
  }
}
