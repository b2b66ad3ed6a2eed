package io.millrace.api.type;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An enum constant by its name, so that adding or reordering constants changes nothing. */
final class EnumSerializer<E> implements Serializer<E> {
  private final Class<?> type;
  private final Map<String, E> constants = new LinkedHashMap<>();

  EnumSerializer(Class<E> type) {
    this.type = type;
    for (E constant : type.getEnumConstants()) {
      constants.put(((Enum<?>) constant).name(), constant);
    }
  }

  String name() {
    return type.getName();
  }

  /** In the order in which they are declared. */
  List<String> names() {
    return List.copyOf(constants.keySet());
  }

  @Override
  public void write(E value, DataWriter out) {
    out.writeString(value == null ? null : ((Enum<?>) value).name());
  }

  @Override
  public E read(DataReader in) {
    String name = in.readString();
    if (name == null) {
      return null;
    }
    E constant = constants.get(name);
    if (constant == null) {
      throw new CorruptDataException("enum " + type.getName() + " has no constant " + name);
    }
    return constant;
  }

  @Override
  public E copy(E value) {
    return value;
  }

  @Override
  public boolean immutable() {
    return true;
  }

  @Override
  public boolean hashable() {
    return true;
  }

  @Override
  public int hash(E value) {
    return value == null ? Hash.NULL : Hash.of(((Enum<?>) value).name());
  }
}
