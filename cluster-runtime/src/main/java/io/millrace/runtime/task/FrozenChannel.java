package io.millrace.runtime.task;

import io.millrace.api.graph.Edge;
import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Migration;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.plan.EdgeId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;

/**
 * What one side of a channel held in front of a barrier that overtook it.
 *
 * @param queued whether it was on its way to the consumer, which the producer's part follows
 * @param producers subtasks of the producer then, as {@code consumers} of the consumer
 * @param maxParallelism of the consumer then
 */
public record FrozenChannel(
    EdgeId edge,
    Edge.Partitioning partitioning,
    boolean queued,
    int producer,
    int producers,
    int consumer,
    int consumers,
    int maxParallelism,
    List<InFlight> elements,
    Serializer<Object> records) {
  /** The bytes of a part before its content: a mark and the length of the content. */
  public static final int PART_HEADER = 8;

  private static final int MAGIC = 0x4d52_4946;
  private static final int PART_BYTES = 4 << 20;

  /** Turns it into bytes, a few megabytes at a time; once, on any thread. */
  public Iterator<byte[]> parts() {
    var left = new ArrayDeque<>(elements);
    Shape shape = Shape.of(records);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !left.isEmpty();
      }

      @Override
      public byte[] next() {
        if (left.isEmpty()) {
          throw new NoSuchElementException();
        }
        var out = new DataWriter(1 << 10);
        out.writeInt(MAGIC);
        out.writeInt(0);
        shape.write(out);
        try {
          while (!left.isEmpty() && out.position() < PART_BYTES) {
            left.remove().write(out);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        out.patchInt(4, out.position() - PART_HEADER);
        return out.toByteArray();
      }
    };
  }

  /** How long the part is of which these are the first bytes, its header included. */
  public static int partLength(byte[] header) {
    var in = new DataReader(header);
    if (in.readInt() != MAGIC) {
      throw new CorruptDataException("these bytes are no elements in flight");
    }
    int rest = in.readInt();
    if (rest < 1 || rest > Integer.MAX_VALUE - PART_HEADER - 8) {
      throw new CorruptDataException("a part of elements in flight declares " + rest + " bytes");
    }
    return PART_HEADER + rest;
  }

  /** What the records of a part are made of, of which these are the first bytes or all. */
  public static Shape shapeOf(byte[] part) {
    partLength(part);
    var in = new DataReader(part, null);
    in.readBytes(new byte[PART_HEADER], 0, PART_HEADER);
    return Shape.read(in);
  }

  /**
   * Reads one or more parts; records of a type that has changed since are migrated.
   *
   * @throws IllegalArgumentException if they cannot be
   */
  static void read(
      byte[] parts,
      EdgeId edge,
      Serializer<Object> records,
      ClassLoader loader,
      Consumer<Element> into) {
    var in = new DataReader(parts, loader);
    while (in.remaining() > 0) {
      byte[] header = new byte[PART_HEADER];
      in.readBytes(header, 0, PART_HEADER);
      int left = partLength(header) - PART_HEADER;
      if (left > in.remaining()) {
        throw new CorruptDataException("a part of elements in flight is longer than its file");
      }
      int end = in.position() + left;
      Migration<Object> migration = Migration.of(Shape.read(in), records, Migration.Use.VALUE);
      if (migration.refusal().isPresent()) {
        throw new StateMigrationException(
            "records were in flight from '"
                + edge.from()
                + "' to '"
                + edge.to()
                + "' whose type has changed since the checkpoint: "
                + migration.refusal().get()
                + "; let the old program take a savepoint, in which nothing is in flight");
      }
      while (in.position() < end) {
        into.accept(InFlight.read(in, migration.serializer(), loader));
      }
    }
  }
}
