package io.millrace.api.graph;

import java.util.Objects;

/**
 * A file that functions of the job read.
 *
 * @param name under which they ask for it
 * @param path of a file of the client; with a scheme such as {@code hdfs:}, of a file that stays
 *     where it lies
 * @param sha256 of the content of a client's file, 64 hex digits; empty for one that stays
 * @param executable whether it is to be run
 */
public record CachedFile(String name, String path, String sha256, boolean executable) {
  public CachedFile {
    Objects.requireNonNull(path);
    if (name.isBlank()) {
      throw new IllegalArgumentException("the file " + path + " needs a name");
    }
    if (!sha256.isEmpty() && !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("a SHA-256 is 64 hex digits, found " + sha256);
    }
  }

  /** Whether it stays where it lies, in a file system that the cluster can read. */
  public boolean stays() {
    return sha256.isEmpty();
  }

  /** The last part of the path. */
  public String fileName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
