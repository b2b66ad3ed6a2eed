package io.millrace.runtime.protocol;

import java.util.Objects;

/**
 * A jar of the job, by content.
 *
 * @param sha256 of its bytes, 64 hex digits
 * @param location where the cluster's processes find it: a path on the machine of each, or, with a
 *     scheme, a file that each of them fetches
 */
public record JarRef(String sha256, String name, String location) {
  public JarRef {
    Objects.requireNonNull(sha256);
    Objects.requireNonNull(name);
    Objects.requireNonNull(location);
  }
}
