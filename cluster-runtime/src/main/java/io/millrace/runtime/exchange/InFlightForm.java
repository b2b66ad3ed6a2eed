package io.millrace.runtime.exchange;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;

/**
 * What elements in flight look like in a checkpoint. Each batch stands for itself, as on a wire:
 * the classes that dynamic values name are numbered within it.
 */
final class InFlightForm {
  private static final byte WATERMARK = 1;
  private static final byte BATCH = 2;
  private static final byte DUE = 3;

  static void write(Batch batch, int from, Serializer<Object> records, DataWriter out) {
    var alone = new DataWriter();
    BatchBytes.write(batch, from, records, alone);
    write(alone.array(), 0, alone.position(), out);
  }

  static void write(byte[] batch, int from, int length, DataWriter out) {
    out.writeByte(BATCH);
    out.writeInt(length);
    out.writeBytes(batch, from, length);
  }

  static void write(long watermark, DataWriter out) {
    out.writeByte(WATERMARK);
    out.writeLong(watermark);
  }

  static void write(Element.Due due, DataWriter out) {
    out.writeByte(DUE);
    out.writeVarInt(due.groups().first());
    out.writeVarInt(due.groups().last());
    out.writeLong(due.watermark());
  }

  static Element read(DataReader in, Serializer<Object> records, ClassLoader loader) {
    byte kind = in.readByte();
    return switch (kind) {
      case WATERMARK -> new Element.Watermark(in.readLong());
      case DUE -> due(in);
      case BATCH -> {
        int length = in.readInt();
        if (length < 0 || length > in.remaining()) {
          throw new CorruptDataException("a batch in flight declares " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readBytes(bytes, 0, length);
        var alone = new DataReader(bytes, loader);
        Batch batch = BatchBytes.read(alone, records);
        if (alone.remaining() > 0) {
          throw new CorruptDataException(
              "a batch in flight ends " + alone.remaining() + " bytes before its end");
        }
        yield batch;
      }
      default -> throw new CorruptDataException("unknown element in flight " + kind);
    };
  }

  private static Element due(DataReader in) {
    int first = in.readVarInt();
    int last = in.readVarInt();
    if (first < 0 || last < first) {
      throw new CorruptDataException("timers were due in the key groups " + first + ".." + last);
    }
    return new Element.Due(new KeyGroupRange(first, last), in.readLong());
  }

  private InFlightForm() {}
}
