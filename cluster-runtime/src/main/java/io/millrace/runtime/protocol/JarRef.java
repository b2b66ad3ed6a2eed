package io.millrace.runtime.protocol;

import java.util.Objects;

/**
 * A jar of the job, by content.
 *
 * @param sha256 of its bytes, 64 hex digits
 * @param location where a TaskManager finds it: a path on its machine
 */
public record JarRef(String sha256, String name, String location) {
  public JarRef {
    Objects.requireNonNull(sha256);
    Objects.requireNonNull(name);
    Objects.requireNonNull(location);
  }
}
