package io.millrace.api.type;

import java.util.List;

/**
 * A value whose type is known only when it is there. Each carries the number of its class in the
 * dictionary of the writer; the first use of a class carries its name too. Whether such a value is
 * immutable or has a hash is a matter of its class, so copy and hash ask that class's serializer.
 */
final class DynamicSerializer implements Serializer<Object> {
  /** In front of the name of a class whose shape follows; no class has it in its name. */
  static final char DESCRIBED = '/';

  private final Catalog catalog;
  // Runs of one class are common. The pair is immutable, so a race loses nothing but time.
  private Recent recent = new Recent(null, null);

  DynamicSerializer(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A class as dynamic values see it: a view of a JDK list counts as List, a constant with a body
   * as its enum.
   */
  record Entry(Class<?> type, Serializer<Object> serializer) {}

  private record Recent(Class<?> type, Entry entry) {}

  @Override
  public void write(Object value, DataWriter out) {
    if (value == null) {
      out.writeByte(0);
      return;
    }
    Entry entry = entry(value);
    out.writeClass(entry.type(), () -> catalog.shapeOf(entry));
    entry.serializer().write(value, out);
  }

  @Override
  public Object read(DataReader in) {
    int id = in.readVarInt();
    if (id == 0) {
      return null;
    }
    List<Entry> classes = in.classes();
    if (id < 0 || id > classes.size() + 1) {
      throw new CorruptDataException(
          "class number " + id + " is used, but only " + classes.size() + " are announced");
    }
    if (id > classes.size()) {
      classes.add(announced(in));
    }
    Object value = classes.get(id - 1).serializer().read(in);
    if (value == null) {
      throw new CorruptDataException(
          "a value of " + classes.get(id - 1).type().getName() + " is announced but null");
    }
    return value;
  }

  private Entry announced(DataReader in) {
    String name = in.readString();
    Shape written = null;
    if (name != null && !name.isEmpty() && name.charAt(0) == DESCRIBED) {
      name = name.substring(1);
      written = Shape.read(in);
    }
    try {
      Entry entry = catalog.named(name, in.loader());
      if (written != null) {
        check(written, entry);
      }
      return entry;
    } catch (NoSerializerException e) {
      throw new CorruptDataException("a class that data may not name: " + e.getMessage(), e);
    }
  }

  private void check(Shape written, Entry entry) {
    written
        .changes(catalog.shapeOf(entry))
        .ifPresent(
            changes -> {
              throw new CorruptDataException(
                  "a value of "
                      + entry.type().getName()
                      + " was written when the class was another: "
                      + changes
                      + "; give the changed class another name, or restore its fields");
            });
  }

  @Override
  public Object copy(Object value) {
    return value == null ? null : entry(value).serializer().copy(value);
  }

  @Override
  public boolean immutable() {
    return false;
  }

  @Override
  public boolean hashable() {
    return true;
  }

  @Override
  public int hash(Object value) {
    return value == null ? Hash.NULL : entry(value).serializer().hash(value);
  }

  private Entry entry(Object value) {
    Class<?> type = value.getClass();
    Recent last = recent;
    if (last.type() == type) {
      return last.entry();
    }
    Entry entry = catalog.entryOf(type);
    recent = new Recent(type, entry);
    return entry;
  }
}
