package io.millrace.api.state;

import java.io.Serializable;
import java.util.Objects;

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
  private StateTtlConfig ttl = StateTtlConfig.DISABLED;
  private String meaning = "";

  StateDescriptor(String name) {
    StateName.check(name);
    this.name = name;
  }

  /** 1 to 200 characters, not all of them blank. */
  public final String name() {
    return name;
  }

  /** The same as {@link #name}. */
  public final String getName() {
    return name;
  }

  /**
   * Says what the values mean where their types do not, such as which times their numbers stand
   * for; before the state is asked for. State of another meaning is refused, whatever its types.
   *
   * @param meaning in words, for people; the same ones in every version of a program for which the
   *     values mean the same
   */
  public final void setMeaning(String meaning) {
    this.meaning = Objects.requireNonNull(meaning, "meaning");
  }

  /** Empty if the types say all. */
  public final String meaning() {
    return meaning;
  }

  /** Gives the state a time to live; before it is asked for. */
  public final void enableTimeToLive(StateTtlConfig config) {
    ttl = Objects.requireNonNull(config, "config");
  }

  /** The same as {@link #timeToLive}. */
  public final StateTtlConfig getTtlConfig() {
    return ttl;
  }

  /** {@link StateTtlConfig#DISABLED} for none. */
  public final StateTtlConfig timeToLive() {
    return ttl;
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + " '" + name + "'";
  }
}
