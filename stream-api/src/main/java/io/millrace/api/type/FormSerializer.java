package io.millrace.api.type;

import java.util.ArrayList;
import java.util.List;

/** A class of the JDK in its {@link JdkForm}, part by part. */
final class FormSerializer<T> extends StructuredSerializer<T> {
  private final JdkForm<T> form;
  private final ClassLoader loader;
  private final List<Serializer<Object>> parts;

  /**
   * @param loader finds classes where the reader has none
   */
  FormSerializer(JdkForm<T> form, List<Serializer<Object>> parts, ClassLoader loader) {
    super(form.type().getName());
    this.form = form;
    this.parts = List.copyOf(parts);
    this.loader = loader;
  }

  @Override
  List<Serializer<?>> parts() {
    return List.copyOf(parts);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    var pieces = new ArrayList<ShapeDrawing.Piece>();
    for (int i = 0; i < parts.size(); i++) {
      pieces.add(new ShapeDrawing.Piece(form.parts().get(i).name(), parts.get(i)));
    }
    return new ShapeDrawing.Sketch(Shape.Kind.CONTAINER, typeName(), pieces);
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> read) {
    return new FormSerializer<>(
        form, read.stream().map(part -> (Serializer<Object>) part).toList(), loader);
  }

  @Override
  boolean frozen() {
    return form.traits().frozen();
  }

  @Override
  boolean ordered() {
    return form.traits().keyed();
  }

  @Override
  boolean namesClasses() {
    return (Class<?>) form.type() == Class.class;
  }

  @Override
  void writeValue(T value, DataWriter out) {
    Object[] values = form.taking().parts(value, loader);
    for (int i = 0; i < values.length; i++) {
      parts.get(i).write(values[i], out);
    }
  }

  @Override
  T readValue(DataReader in) {
    var values = new Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parts.get(i).read(in);
    }
    return form.read(values, in.loader() == null ? loader : in.loader());
  }

  @Override
  T copyValue(T value) {
    Object[] values = form.taking().parts(value, loader);
    for (int i = 0; i < values.length; i++) {
      values[i] = parts.get(i).copy(values[i]);
    }
    return form.read(values, loader);
  }

  @Override
  int hashValue(T value) {
    int hash = Hash.SEED;
    Object[] values = form.taking().parts(value, loader);
    for (int i = 0; i < values.length; i++) {
      hash = Hash.combine(hash, parts.get(i).hash(values[i]));
    }
    return hash;
  }
}
