package io.millrace.runtime.protocol;

import io.millrace.api.graph.CachedFile;
import java.util.Objects;

/**
 * A file that came with the job, and where TaskManagers fetch it.
 *
 * @param location as the file systems of the cluster know it
 * @param length of the file there when the job was submitted, in bytes
 * @param modifiedMillis when it had last been changed then
 */
public record FileRef(CachedFile file, String location, long length, long modifiedMillis) {
  public FileRef {
    Objects.requireNonNull(file);
    Objects.requireNonNull(location);
  }
}
