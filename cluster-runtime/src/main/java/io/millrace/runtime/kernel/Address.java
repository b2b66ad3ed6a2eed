package io.millrace.runtime.kernel;

import java.util.Objects;

/** The name of an actor. */
public record Address(String name) implements Comparable<Address> {
  /** The one JobManager of a cluster. */
  public static final Address JOB_MANAGER = new Address("jobmanager");

  /** Messages that an actor's own environment brings it: timers, answers of {@link Env#offload}. */
  public static final Address SELF = new Address("self");

  public Address {
    Objects.requireNonNull(name);
  }

  @Override
  public int compareTo(Address other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
