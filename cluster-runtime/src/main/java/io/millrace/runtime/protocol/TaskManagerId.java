package io.millrace.runtime.protocol;

import io.millrace.runtime.kernel.Address;

/** Name of one TaskManager process, never used again; on YARN its container's id. */
public record TaskManagerId(String value) implements Comparable<TaskManagerId> {
  public TaskManagerId {
    if (value.isBlank() || value.length() > 200) {
      throw new IllegalArgumentException("a TaskManager id needs 1 to 200 characters: " + value);
    }
  }

  public Address address() {
    return new Address("taskmanager/" + value);
  }

  @Override
  public int compareTo(TaskManagerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
