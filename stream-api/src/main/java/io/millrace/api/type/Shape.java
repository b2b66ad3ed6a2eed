package io.millrace.api.type;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a serializer makes of a type, down to scalars: kinds, names and, in the order in which they
 * are written, the parts. Stands beside data that outlives the program that wrote it, because a
 * class of the same name may have other fields by then. Parts of an enum are its constants, where
 * those are not left out; shapes that earlier builds wrote have none.
 *
 * @param nodes the type itself first, then all that it is made of; parts refer to them by number,
 *     so that types may be recursive
 */
public record Shape(List<Node> nodes) {
  public Shape {
    nodes = List.copyOf(nodes);
    int count = nodes.size();
    if (count == 0
        || nodes.stream()
            .flatMap(node -> node.parts().stream())
            .anyMatch(part -> part.node() < 0 || part.node() >= count)) {
      throw new CorruptDataException("a shape refers to types that it does not hold");
    }
  }

  /** How a type is taken apart. */
  public enum Kind {
    SCALAR("a plain value", ""),
    ENUM("an enum", "constant"),
    RECORD("a record", "field"),
    POJO("a POJO", "field"),
    TUPLE("a tuple", "field"),
    SEALED("a sealed family", "member"),
    CONTAINER("a container", ""),
    KRYO("a class left to Kryo", "field"),
    DYNAMIC("dynamic", ""),
    OTHER("of a serializer of its own", "");

    private final String words;
    private final String part;

    Kind(String words, String part) {
      this.words = words;
      this.part = part;
    }

    String words() {
      return words;
    }
  }

  /** A type. */
  public record Node(Kind kind, String name, List<Part> parts) {
    public Node {
      Objects.requireNonNull(kind);
      Objects.requireNonNull(name);
      parts = List.copyOf(parts);
    }

    List<String> names() {
      return parts.stream().map(Part::name).toList();
    }

    private boolean reads(Node written) {
      return equals(written)
          || kind == Kind.ENUM
              && written.kind == Kind.ENUM
              && name.equals(written.name)
              && names().containsAll(written.names());
    }
  }

  /** A field, member or element, and the number of its type; of a constant that of its enum. */
  public record Part(String name, int node) {
    public Part {
      Objects.requireNonNull(name);
    }
  }

  /** Of what the serializer writes. */
  public static Shape of(Serializer<?> serializer) {
    return new ShapeDrawing(true).of(serializer);
  }

  /**
   * The same without the constants of enums: for what stands in front of single values, in which a
   * missing constant is found by reading anyway.
   */
  static Shape brief(Serializer<?> serializer) {
    return new ShapeDrawing(false).of(serializer);
  }

  /** Whether there are values of which only their bytes say what they are made of. */
  public boolean isOpen() {
    return nodes.stream().anyMatch(node -> node.kind() == Kind.DYNAMIC);
  }

  /**
   * Whether each value that was written in the other shape is one of this shape, byte for byte:
   * they are the same, but that enums may have more constants and in another order.
   */
  public boolean reads(Shape written) {
    int count = nodes.size();
    return count == written.nodes.size()
        && IntStream.range(0, count).allMatch(i -> nodes.get(i).reads(written.nodes.get(i)));
  }

  /** Of keys and values that are written in turn. */
  public static Shape of(Serializer<?> keys, Serializer<?> values) {
    return new ShapeDrawing(true).of(keys, values);
  }

  public void write(DataWriter out) {
    out.writeVarInt(nodes.size());
    for (Node node : nodes) {
      out.writeByte(node.kind().ordinal());
      out.writeString(node.name());
      out.writeVarInt(node.parts().size());
      for (Part part : node.parts()) {
        out.writeString(part.name());
        out.writeVarInt(part.node());
      }
    }
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @throws CorruptDataException for whatever else the bytes may be
   */
  public static Shape read(DataReader in) {
    var nodes = new ArrayList<Node>();
    for (int left = in.readCount(3); left > 0; left--) {
      int kind = in.readByte();
      String name = in.readString();
      if (kind < 0 || kind >= Kind.values().length || name == null) {
        throw new CorruptDataException("a shape has the unknown kind " + kind + " of " + name);
      }
      var parts = new ArrayList<Part>();
      for (int more = in.readCount(2); more > 0; more--) {
        String part = in.readString();
        if (part == null) {
          throw new CorruptDataException("a shape has a part without name in " + name);
        }
        parts.add(new Part(part, in.readVarInt()));
      }
      nodes.add(new Node(Kind.values()[kind], name, parts));
    }
    return new Shape(nodes);
  }

  /**
   * Adds, in words, whatever is another than in the other shape.
   *
   * @param node of this shape, compared with the other one's first
   * @param lost gets constants that the other one does not have
   */
  void compare(int node, Shape now, String path, List<String> found, List<String> lost) {
    compare(node, now, 0, path, new HashSet<>(), found, lost);
  }

  private record Pair(int before, int now) {}

  /** A pair that was met is not looked at again: recursive types end there. */
  private void compare(
      int before,
      Shape other,
      int after,
      String path,
      Set<Pair> seen,
      List<String> found,
      List<String> lost) {
    if (!seen.add(new Pair(before, after))) {
      return;
    }
    Node was = nodes.get(before);
    Node is = other.nodes.get(after);
    if (!was.name().equals(is.name())) {
      found.add(path + " was " + was.name() + ", is " + is.name());
    } else if (was.kind() != is.kind()) {
      found.add(was.name() + " was " + was.kind().words + ", is " + is.kind().words);
    } else if (was.kind() == Kind.ENUM) {
      lost.addAll(lost(was, is.names()));
    } else if (was.names().equals(is.names())) {
      for (int i = 0; i < was.parts().size(); i++) {
        Part part = was.parts().get(i);
        compare(
            part.node(), other, is.parts().get(i).node(), path(was, part, path), seen, found, lost);
      }
    } else {
      compareNames(was, is, path, found);
    }
  }

  /** In words, constants of an enum that it does not have any more. */
  static List<String> lost(Node was, List<String> constants) {
    return was.names().stream()
        .filter(name -> !constants.contains(name))
        .map(name -> path(was.kind(), was.name(), name) + " is gone")
        .toList();
  }

  private static void compareNames(Node was, Node is, String path, List<String> found) {
    int before = found.size();
    for (Part part : is.parts()) {
      if (!was.names().contains(part.name())) {
        found.add(path(is, part, path) + " is new");
      }
    }
    for (Part part : was.parts()) {
      if (!is.names().contains(part.name())) {
        found.add(path(was, part, path) + " is gone");
      }
    }
    if (found.size() == before) {
      found.add(
          "the fields of "
              + was.name()
              + " were "
              + String.join(", ", was.names())
              + ", are "
              + String.join(", ", is.names()));
    }
  }

  /** How a part is called that is found at a place. */
  static String path(Node owner, Part part, String path) {
    return owner.kind().part.isEmpty()
        ? part.name() + " of " + path
        : path(owner.kind(), owner.name(), part.name());
  }

  static String path(Kind kind, String owner, String part) {
    return kind.part + " '" + part + "' of " + owner;
  }
}
