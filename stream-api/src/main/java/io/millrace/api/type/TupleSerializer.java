package io.millrace.api.type;

import io.millrace.api.tuple.Tuple;
import java.util.ArrayList;
import java.util.List;

/** A tuple, field by field. */
final class TupleSerializer extends StructuredSerializer<Tuple> {
  private final Class<?> type;
  private final List<Serializer<Object>> fields;

  TupleSerializer(Class<?> type, List<Serializer<Object>> fields) {
    super(type.getName());
    this.type = type;
    this.fields = List.copyOf(fields);
  }

  static boolean handles(Class<?> type) {
    return Tuple.class.isAssignableFrom(type) && type != Tuple.class;
  }

  @Override
  List<Serializer<?>> parts() {
    return List.copyOf(fields);
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    List<ShapeDrawing.Piece> pieces = new ArrayList<>();
    for (Serializer<Object> field : fields) {
      pieces.add(new ShapeDrawing.Piece("f" + pieces.size(), field));
    }
    return new ShapeDrawing.Sketch(Shape.Kind.TUPLE, typeName(), pieces);
  }

  @Override
  @SuppressWarnings("unchecked") // read as what they are read as now
  Serializer<?> of(List<Serializer<?>> parts) {
    List<Serializer<Object>> own = new ArrayList<>();
    parts.forEach(part -> own.add((Serializer<Object>) part));
    return new TupleSerializer(type, own);
  }

  @Override
  boolean frozen() {
    return false;
  }

  @Override
  boolean ordered() {
    return true;
  }

  @Override
  void writeValue(Tuple value, DataWriter out) {
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).write(value.getField(i), out);
    }
  }

  @Override
  Tuple readValue(DataReader in) {
    Tuple value = Tuple.newInstance(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      value.setField(fields.get(i).read(in), i);
    }
    return value;
  }

  @Override
  Tuple copyValue(Tuple value) {
    Tuple copy = Tuple.newInstance(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      copy.setField(fields.get(i).copy(value.getField(i)), i);
    }
    return copy;
  }

  @Override
  int hashValue(Tuple value) {
    int hash = Hash.SEED;
    for (int i = 0; i < fields.size(); i++) {
      hash = Hash.combine(hash, fields.get(i).hash(value.getField(i)));
    }
    return hash;
  }
}
