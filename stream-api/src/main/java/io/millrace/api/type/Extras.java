package io.millrace.api.type;

/**
 * The kind of a collection or map in data, and what a new one must be given besides its elements,
 * which is there if the number of the kind says so.
 */
final class Extras {
  private static final int FOLLOWS = 0x40;

  /** Null where no value may name a class. */
  private final DynamicSerializer dynamic;

  Extras(DynamicSerializer dynamic) {
    this.dynamic = dynamic;
  }

  void write(int kind, Object extra, String typeName, DataWriter out) {
    if (extra == null) {
      out.writeByte(kind);
      return;
    }
    if (dynamic == null) {
      throw new NoSerializerException(
          typeName, "", "it would have to name a class", "use the natural order");
    }
    out.writeByte(kind | FOLLOWS);
    dynamic.write(extra, out);
  }

  /** The number of the kind alone. */
  static int kind(int marked) {
    return marked & ~FOLLOWS;
  }

  Object read(int marked, String typeName, DataReader in) {
    if ((marked & FOLLOWS) == 0) {
      return null;
    }
    if (dynamic == null) {
      throw new CorruptDataException("a " + typeName + " names a class where none may be named");
    }
    return dynamic.read(in);
  }

  /** Reads over both. */
  static void skip(DataReader in) {
    if ((in.readByte() & FOLLOWS) != 0) {
      DynamicSerializer.skip(in);
    }
  }
}
