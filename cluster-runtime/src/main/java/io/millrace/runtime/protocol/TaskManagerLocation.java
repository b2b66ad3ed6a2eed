package io.millrace.runtime.protocol;

import java.util.Objects;

/** Where a TaskManager's data port is. */
public record TaskManagerLocation(TaskManagerId id, String host, int dataPort) {
  public TaskManagerLocation {
    Objects.requireNonNull(id);
    Objects.requireNonNull(host);
  }
}
