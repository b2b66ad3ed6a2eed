package io.millrace.runtime.exchange;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import java.io.IOException;

/**
 * An element that a barrier has overtaken, on its way into the checkpoint. Of elements only batches
 * and watermarks are kept: what else flows is said again by whoever is restored.
 */
@FunctionalInterface
public interface InFlight {
  /** Appends it; once, on any thread. */
  void write(DataWriter out) throws IOException;

  /**
   * The records of a batch from one on. Those that somebody may yet change become bytes here and
   * now, others when they are written. If one cannot be written, that fails the checkpoint only:
   * within a process nobody else needs its bytes.
   */
  static InFlight records(Batch batch, int from, Serializer<Object> records) {
    if (records.immutable()) {
      return out -> InFlightForm.write(batch, from, records, out);
    }
    var now = new DataWriter();
    try {
      BatchBytes.write(batch, from, records, now);
    } catch (RuntimeException | StackOverflowError e) {
      return out -> {
        throw new IOException("a record in flight cannot be written: " + e.getMessage(), e);
      };
    }
    return bytes(now.array(), 0, now.position());
  }

  /** A batch that stands in bytes already, as {@link BatchBytes} writes it. */
  static InFlight bytes(byte[] bytes, int from, int length) {
    return out -> InFlightForm.write(bytes, from, length, out);
  }

  static InFlight watermark(long timestamp) {
    return out -> InFlightForm.write(timestamp, out);
  }

  static InFlight due(Element.Due due) {
    return out -> InFlightForm.write(due, out);
  }

  /** The element as such; {@code null} if it is none that is kept. */
  static InFlight of(Element element, Serializer<Object> records) {
    if (element instanceof Batch batch) {
      return records(batch, 0, records);
    }
    return element instanceof Element.Watermark watermark ? watermark(watermark.timestamp()) : null;
  }

  /**
   * Reads what {@link #write} has appended.
   *
   * @param loader where classes are looked for that dynamic values name
   * @throws CorruptDataException for whatever else the bytes may be
   */
  static Element read(DataReader in, Serializer<Object> records, ClassLoader loader) {
    return InFlightForm.read(in, records, loader);
  }
}
