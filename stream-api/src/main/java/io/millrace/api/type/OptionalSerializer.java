package io.millrace.api.type;

import java.util.List;
import java.util.Optional;

final class OptionalSerializer<T> extends StructuredSerializer<Optional<T>> {
  private final Serializer<T> content;

  OptionalSerializer(Serializer<T> content) {
    super("java.util.Optional");
    this.content = content;
  }

  @Override
  List<Serializer<?>> parts() {
    return List.of(content);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    return ShapeDrawing.Sketch.of(
        Shape.Kind.CONTAINER, typeName(), new ShapeDrawing.Piece("value", content));
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> parts) {
    return new OptionalSerializer<>((Serializer<T>) parts.get(0));
  }

  @Override
  boolean frozen() {
    return true;
  }

  @Override
  boolean ordered() {
    return true;
  }

  @Override
  void writeValue(Optional<T> value, DataWriter out) {
    content.write(value.orElse(null), out);
  }

  @Override
  Optional<T> readValue(DataReader in) {
    return Optional.ofNullable(content.read(in));
  }

  @Override
  Optional<T> copyValue(Optional<T> value) {
    return value.map(content::copy);
  }

  @Override
  int hashValue(Optional<T> value) {
    return Hash.combine(Hash.SEED, content.hash(value.orElse(null)));
  }
}
