package io.millrace.runtime.protocol;

import java.util.Objects;

/** Where a TaskManager's data port is. */
public record TaskManagerLocation(TaskManagerId id, String host, int dataPort) {
  public TaskManagerLocation {
    Objects.requireNonNull(id);
    Objects.requireNonNull(host);
  }

  /** Whether what one leaves on its disk may be there for the other one. */
  public boolean sharesHostWith(TaskManagerLocation other) {
    return host.equals(other.host);
  }
}
