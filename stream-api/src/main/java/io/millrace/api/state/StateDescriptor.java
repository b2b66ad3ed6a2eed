package io.millrace.api.state;

import java.io.Serializable;

/**
 * Name and types of a piece of state. The name is unique within its operator and survives in
 * checkpoints.
 */
public abstract sealed class StateDescriptor implements Serializable
    permits ValueStateDescriptor,
        ListStateDescriptor,
        MapStateDescriptor,
        ReducingStateDescriptor,
        AggregatingStateDescriptor {
  private final String name;

  StateDescriptor(String name) {
    StateName.check(name);
    this.name = name;
  }

  public final String name() {
    return name;
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + " '" + name + "'";
  }
}
