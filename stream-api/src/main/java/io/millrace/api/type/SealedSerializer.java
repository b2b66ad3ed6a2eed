package io.millrace.api.type;

import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a sealed family: a tag and the member. The tag is one more than the member's place in
 * the list of all concrete members sorted by name, zero is null. Only members ever get
 * instantiated, whatever the bytes say.
 */
final class SealedSerializer<T> extends StructuredSerializer<T> {
  /** Members inside members; engine messages come from peers, so this is tighter than for data. */
  static final int MAX_DEPTH = 64;

  private final List<String> names;
  private final List<Serializer<?>> members;
  private final Map<Class<?>, Integer> tags = new HashMap<>();

  /** Both lists in the order of the tags. */
  SealedSerializer(String typeName, List<Class<?>> classes, List<Serializer<?>> members) {
    super(typeName);
    this.names = classes.stream().map(Class::getName).toList();
    this.members = List.copyOf(members);
    for (Class<?> member : classes) {
      tags.put(member, tags.size() + 1);
    }
  }

  private SealedSerializer(String typeName, List<Serializer<?>> members) {
    super(typeName);
    this.names = List.of();
    this.members = List.copyOf(members);
  }

  /**
   * The concrete members of a sealed type in the order of their tags, or null if the family is open
   * because a member is non-sealed or has both values and subclasses.
   */
  static List<Class<?>> leaves(Class<?> type) {
    List<Class<?>> leaves = new ArrayList<>();
    if (!collect(type, leaves)) {
      return null;
    }
    leaves.sort((a, b) -> a.getName().compareTo(b.getName()));
    return leaves.stream().distinct().toList();
  }

  private static boolean collect(Class<?> type, List<Class<?>> leaves) {
    if (type.isEnum()) {
      return leaves.add(type);
    }
    int modifiers = type.getModifiers();
    boolean concrete = !Modifier.isAbstract(modifiers);
    if (!type.isSealed()) {
      return concrete && Modifier.isFinal(modifiers) && leaves.add(type);
    }
    // An ancestor that has values of its own would be a family and a member at once.
    if (concrete) {
      return false;
    }
    for (Class<?> member : type.getPermittedSubclasses()) {
      if (!collect(member, leaves)) {
        return false;
      }
    }
    return true;
  }

  @Override
  List<Serializer<?>> parts() {
    return members;
  }

  @Override
  ShapeDrawing.Sketch sketch() {
    List<ShapeDrawing.Piece> pieces = new ArrayList<>();
    for (Serializer<?> member : members) {
      pieces.add(new ShapeDrawing.Piece(names.get(pieces.size()), member));
    }
    return new ShapeDrawing.Sketch(Shape.Kind.SEALED, typeName(), pieces);
  }

  /** Only reads: which member a value is of today says nothing about its tag then. */
  @Override
  Serializer<?> of(List<Serializer<?>> parts) {
    return new SealedSerializer<T>(typeName(), parts);
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
  public void write(T value, DataWriter out) {
    if (value == null) {
      out.writeByte(0);
      return;
    }
    int tag = tag(value);
    out.writeVarInt(tag);
    out.enterFamily(typeName());
    member(tag).write(value, out);
    out.leaveFamily();
  }

  @Override
  public T read(DataReader in) {
    int tag = in.readVarInt();
    if (tag == 0) {
      return null;
    }
    if (tag < 0 || tag > members.size()) {
      throw unknown(typeName(), members.size(), tag);
    }
    in.enterFamily();
    T value = member(tag).read(in);
    in.leaveFamily();
    if (value == null) {
      throw new CorruptDataException("a member of " + typeName() + " is announced but null");
    }
    return value;
  }

  static CorruptDataException unknown(String typeName, int members, int tag) {
    return new CorruptDataException(
        "sealed type " + typeName + " has " + members + " members, found tag " + tag);
  }

  @Override
  void writeValue(T value, DataWriter out) {
    write(value, out);
  }

  @Override
  T readValue(DataReader in) {
    return read(in);
  }

  @Override
  T copyValue(T value) {
    return member(tag(value)).copy(value);
  }

  @Override
  int hashValue(T value) {
    return member(tag(value)).hash(value);
  }

  private int tag(T value) {
    Class<?> type =
        value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
    return tags.get(type);
  }

  @SuppressWarnings("unchecked") // the tag has been checked against the class
  private Serializer<T> member(int tag) {
    return (Serializer<T>) members.get(tag - 1);
  }
}
