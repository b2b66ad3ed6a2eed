package io.millrace.runtime.task;

import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.Optional;

/**
 * A split of a source as a checkpoint has it: behind the shape of its type, which may be another
 * one when it is read. Earlier builds have written splits without.
 */
public final class SplitEntry {
  private static final int MAGIC = 0x4d52_5350;

  public static byte[] write(Object split, Serializer<Object> splits) {
    var out = DataWriter.describing(64);
    out.writeInt(MAGIC);
    Shape.of(splits).write(out);
    splits.write(split, out);
    return out.toByteArray();
  }

  /**
   * What the split is now.
   *
   * @throws StateMigrationException if its type has changed and it cannot be read any more
   */
  static Object read(byte[] entry, Serializer<Object> splits, ClassLoader loader) {
    var in = new DataReader(entry, loader);
    if (!hasShape(entry)) {
      return splits.read(in);
    }
    in.readInt();
    Migration<Object> migration = Migration.of(Shape.read(in), splits, Migration.Use.VALUE);
    if (migration.refusal().isPresent()) {
      throw new StateMigrationException(
          "the checkpoint holds splits of the source whose type has changed since: "
              + migration.refusal().get()
              + "; restore the fields, or give the source another uid and drop what it had with"
              + " --allowNonRestoredState");
    }
    return migration.serializer().read(in);
  }

  /** What the split was made of; empty if that was not written. */
  public static Optional<Shape> shape(byte[] entry) {
    if (!hasShape(entry)) {
      return Optional.empty();
    }
    var in = new DataReader(entry);
    in.readInt();
    return Optional.of(Shape.read(in));
  }

  private static boolean hasShape(byte[] entry) {
    return entry.length > 4 && new DataReader(entry).readInt() == MAGIC;
  }

  private SplitEntry() {}
}
