package io.millrace.api.state;

import java.io.Serializable;

/**
 * Name and types of a piece of keyed state. The name is unique within its operator and survives in
 * checkpoints.
 */
public sealed interface StateDescriptor extends Serializable
    permits ValueStateDescriptor, ListStateDescriptor, MapStateDescriptor {
  String name();
}
