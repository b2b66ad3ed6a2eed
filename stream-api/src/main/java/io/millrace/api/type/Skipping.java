package io.millrace.api.type;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads over values of types that the program may not have any more: all it knows is the shape. */
final class Skipping {
  private final Shape shape;
  private final Map<Integer, Reading> made = new HashMap<>();

  Skipping(Shape shape) {
    this.shape = shape;
  }

  /** Reads over a value of the shape's type of that number; makes null of it. */
  Reading of(int node) {
    Reading known = made.get(node);
    if (known != null) {
      return known;
    }
    // A recursive type comes back here before its reading is made.
    made.put(node, in -> made.get(node).read(in));
    Reading reading = make(shape.nodes().get(node));
    made.put(node, reading);
    return reading;
  }

  private Reading make(Shape.Node node) {
    return switch (node.kind()) {
      case SCALAR -> scalar(node.name());
      case ENUM -> DataReader::readString;
      case DYNAMIC -> Skipping::dynamic;
      case KRYO -> in -> present(in, node.name()) ? in.readByteArray() : null;
      case RECORD, TUPLE -> in -> present(in, node.name()) ? all(node, in) : null;
      case POJO -> in -> pojo(node, in);
      case SEALED -> in -> member(node, in);
      case CONTAINER -> in -> present(in, node.name()) ? container(node, in) : null;
      case OTHER ->
          in -> {
            throw new CorruptDataException(
                "nobody knows how " + node.name() + " writes what is to be read over");
          };
    };
  }

  private static boolean present(DataReader in, String name) {
    byte marker = in.readByte();
    if (marker == 0) {
      return false;
    }
    StructuredSerializer.checkPresent(marker, name);
    return true;
  }

  private static Reading scalar(String name) {
    Widening primitive = Widening.of(name);
    if (primitive != null) {
      return Widening.between(name, name, Migration.Use.VALUE);
    }
    Serializer<?> serializer = ScalarSerializer.named(name);
    // Classes of the JDK that have no serializer of ours are left to Kryo.
    return serializer != null
        ? serializer::read
        : in -> present(in, name) ? in.readByteArray() : null;
  }

  private static Object dynamic(DataReader in) {
    DynamicSerializer.skip(in);
    return null;
  }

  private Object all(Shape.Node node, DataReader in) {
    in.enter();
    for (Shape.Part part : node.parts()) {
      of(part.node()).read(in);
    }
    in.leave();
    return null;
  }

  private Object pojo(Shape.Node node, DataReader in) {
    byte marker = in.readByte();
    if (marker == 0) {
      return null;
    }
    if (marker == PojoSerializer.SUBCLASS) {
      in.enter();
      DynamicSerializer.skip(in);
      in.leave();
      return null;
    }
    StructuredSerializer.checkPresent(marker, node.name());
    return all(node, in);
  }

  private Object member(Shape.Node node, DataReader in) {
    int tag = in.readVarInt();
    if (tag == 0) {
      return null;
    }
    if (tag < 0 || tag > node.parts().size()) {
      throw SealedSerializer.unknown(node.name(), node.parts().size(), tag);
    }
    in.enterFamily();
    of(node.parts().get(tag - 1).node()).read(in);
    in.leaveFamily();
    return null;
  }

  private Object container(Shape.Node node, DataReader in) {
    List<String> names = node.names();
    if (node.name().equals(Optional.class.getName()) || JdkForms.isNamed(node.name())) {
      return all(node, in);
    }
    in.enter();
    if (names.size() == 2) {
      Extras.skip(in);
      repeat(MapSerializer.readSize(in), node, in);
    } else if (names.size() == 1) {
      if (!node.name().endsWith("[]")) {
        Extras.skip(in);
      }
      repeat(in.readCount(), node, in);
    } else {
      primitives(node.name(), in);
    }
    in.leave();
    return null;
  }

  private void repeat(int count, Shape.Node node, DataReader in) {
    for (int i = 0; i < count; i++) {
      for (Shape.Part part : node.parts()) {
        of(part.node()).read(in);
      }
    }
  }

  private static void primitives(String array, DataReader in) {
    Reading element = scalar(MigrationPlan.element(array));
    for (int left = in.readCount(); left > 0; left--) {
      element.read(in);
    }
  }
}
