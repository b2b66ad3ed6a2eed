package io.millrace.runtime.exchange;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;

/** What elements in flight look like in a checkpoint. */
final class InFlightForm {
  private static final byte WATERMARK = 1;
  private static final byte BATCH = 2;

  static void write(Batch batch, int from, Serializer<Object> records, DataWriter out) {
    out.writeByte(BATCH);
    int lengthAt = out.position();
    out.writeInt(0);
    BatchBytes.write(batch, from, records, out);
    out.patchInt(lengthAt, out.position() - lengthAt - 4);
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

  static Element read(DataReader in, Serializer<Object> records) {
    byte kind = in.readByte();
    return switch (kind) {
      case WATERMARK -> new Element.Watermark(in.readLong());
      case BATCH -> {
        int length = in.readInt();
        int end = in.position() + length;
        Batch batch = BatchBytes.read(in, records);
        if (in.position() != end) {
          throw new CorruptDataException(
              "a batch in flight ends " + (in.position() - end) + " bytes past its end");
        }
        yield batch;
      }
      default -> throw new CorruptDataException("unknown element in flight " + kind);
    };
  }

  private InFlightForm() {}
}
