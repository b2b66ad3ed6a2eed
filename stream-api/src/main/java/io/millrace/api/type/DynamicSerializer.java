package io.millrace.api.type;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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

  /**
   * A class that data has announced. Its first use decides how it is read; it is looked for only
   * when a value of it is wanted.
   */
  static final class Announced {
    private final String name;
    private final Shape written;
    private final Map<Migration.Use, Serializer<Object>> readers =
        new EnumMap<>(Migration.Use.class);
    private Class<?> type;
    private Reading skipping;

    private Announced(String name, Shape written) {
      this.name = name;
      this.written = written;
    }
  }

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
    return read(in, Migration.Use.VALUE);
  }

  /** Reads a value that is used in that way, migrating it if its class has changed. */
  Object read(DataReader in, Migration.Use use) {
    Announced found = next(in);
    if (found == null) {
      return null;
    }
    Serializer<Object> reader = found.readers.get(use);
    if (reader == null) {
      reader = reader(found, in.loader(), use);
      found.readers.put(use, reader);
    }
    Object value = reader.read(in);
    if (value == null) {
      throw new CorruptDataException(
          "a value of " + found.type.getName() + " is announced but null");
    }
    return value;
  }

  /** Reads over a value, whose class need not be there any more if it is described. */
  static void skip(DataReader in) {
    int before = in.position();
    Announced found = next(in);
    if (found == null) {
      return;
    }
    if (found.written == null) {
      throw new CorruptDataException(
          "a value of " + found.name + " at byte " + before + " does not say what it is made of");
    }
    if (found.skipping == null) {
      found.skipping = new Skipping(found.written).of(0);
    }
    found.skipping.read(in);
  }

  /** The class of the value that follows, or null if that is null. */
  private static Announced next(DataReader in) {
    int id = in.readVarInt();
    if (id == 0) {
      return null;
    }
    List<Announced> classes = in.classes();
    if (id < 0 || id > classes.size() + 1) {
      throw new CorruptDataException(
          "class number " + id + " is used, but only " + classes.size() + " are announced");
    }
    if (id > classes.size()) {
      String name = in.readString();
      boolean described = name != null && !name.isEmpty() && name.charAt(0) == DESCRIBED;
      classes.add(
          described ? new Announced(name.substring(1), Shape.read(in)) : new Announced(name, null));
    }
    return classes.get(id - 1);
  }

  private Serializer<Object> reader(Announced found, ClassLoader loader, Migration.Use use) {
    try {
      Entry entry = catalog.named(found.name, loader);
      found.type = entry.type();
      return found.written == null ? entry.serializer() : migrated(found.written, entry, use);
    } catch (NoSerializerException e) {
      throw new CorruptDataException("a class that data may not name: " + e.getMessage(), e);
    }
  }

  private Serializer<Object> migrated(Shape written, Entry entry, Migration.Use use) {
    Migration<Object> migration = catalog.migration(written, entry, use);
    migration
        .refusal()
        .ifPresent(
            changes -> {
              throw new CorruptDataException(
                  "a value of "
                      + entry.type().getName()
                      + " was written when the class was another: "
                      + changes
                      + "; give the changed class another name, or restore its fields");
            });
    return migration.serializer();
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
