package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.BatchBytes;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.RecordTooLargeException;
import io.millrace.runtime.kernel.Purpose;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What goes over a data connection. Every payload begins with its kind and the number under which
 * the consumer subscribed the channel on this connection; elements carry their place in the channel
 * besides. Each frame can be read without any other.
 */
final class DataFrames {
  static final byte PING = 0;
  static final byte SUBSCRIBE = 1;
  static final byte CREDIT = 2;
  static final byte REQUEST = 3;
  static final byte UNSUBSCRIBE = 4;
  static final byte BATCH = 5;
  static final byte CONTROL = 6;
  static final byte REFUSED = 7;

  /** A frame is closed once it has reached this size. */
  static final int FRAME_BYTES = 64 << 10;

  /** A record larger than this opens a frame of its own where the one at hand would overflow. */
  private static final int LARGE_RECORD = 8 << 10;

  private static final int KIND_AT = Frames.HEADER;
  private static final int NUMBER_AT = KIND_AT + 1;
  private static final int SEQUENCE_AT = NUMBER_AT + 4;
  private static final int BODY_AT = SEQUENCE_AT + 8;

  /** Room around the largest record. */
  static final int OVERHEAD = 64;

  /** Within the body of a barrier, behind its kind, checkpoint and age. */
  private static final int BARRIER_PURPOSE_AT = 17;

  private static final byte WATERMARK = 0;
  private static final byte IDLE = 1;
  private static final byte BARRIER = 2;
  private static final byte END = 3;
  private static final byte SPLIT = 4;

  /** What a frame of an element costs in credit: one, or more if it holds a large record. */
  static int cost(int payloadLength, int window) {
    return Math.max(1, Math.min(window, payloadLength / FRAME_BYTES));
  }

  // ---- elements, from producer to consumer

  /** Writes elements of one channel; used by its producer's thread. */
  static final class ElementWriter {
    private final ChannelSpec spec;
    private final long maxRecord;
    private DataWriter out = new DataWriter(1024);

    ElementWriter(ChannelSpec spec, long maxRecord) {
      this.spec = spec;
      this.maxRecord = maxRecord;
    }

    /** Frames that lack only their channel's number, their place and their checksum. */
    List<byte[]> write(Element element) {
      var frames = new ArrayList<byte[]>(1);
      if (element instanceof Batch batch) {
        writeBatch(batch, frames);
      } else {
        frames.add(control((Element.Control) element));
      }
      shrink();
      return frames;
    }

    private void writeBatch(Batch batch, List<byte[]> frames) {
      begin(BATCH);
      out.writeInt(0);
      int inFrame = 0;
      long before = 0;
      for (int i = 0; i < batch.size(); i++) {
        int start = out.position();
        writeRecord(batch, i, before);
        if (inFrame > 0
            && out.position() > FRAME_BYTES + BODY_AT
            && out.position() - start > LARGE_RECORD) {
          // What came before it goes without it; it is written again as the first of the next.
          frames.add(cut(start, inFrame));
          begin(BATCH);
          out.writeInt(0);
          inFrame = 0;
          start = out.position();
          writeRecord(batch, i, 0);
        }
        before = batch.timestamp(i);
        inFrame++;
        if (out.position() >= FRAME_BYTES + BODY_AT) {
          frames.add(cut(out.position(), inFrame));
          begin(BATCH);
          out.writeInt(0);
          inFrame = 0;
          before = 0;
        }
      }
      if (inFrame > 0) {
        frames.add(cut(out.position(), inFrame));
      }
    }

    /** One large record or split must not cost its size in memory as long as the channel lives. */
    private void shrink() {
      if (out.array().length > 4 * FRAME_BYTES) {
        out = new DataWriter(1024);
      }
    }

    private void writeRecord(Batch batch, int index, long before) {
      int start = out.position();
      BatchBytes.write(batch, index, before, spec.records(), out);
      checkSize(out.position() - start);
    }

    private void checkSize(int bytes) {
      if (bytes > maxRecord) {
        throw new RecordTooLargeException(
            "a record of "
                + bytes
                + " bytes is larger than "
                + HostSettings.MAX_RECORD.key()
                + " ("
                + maxRecord
                + " bytes); raise that setting or make the record smaller");
      }
    }

    private byte[] cut(int end, int records) {
      out.patchInt(BODY_AT, records);
      return Arrays.copyOf(out.array(), end);
    }

    private byte[] control(Element.Control element) {
      begin(CONTROL);
      if (element instanceof Element.Watermark watermark) {
        out.writeByte(WATERMARK);
        out.writeLong(watermark.timestamp());
      } else if (element instanceof Element.Idle idle) {
        out.writeByte(IDLE);
        out.writeBoolean(idle.idle());
      } else if (element instanceof Element.Barrier barrier) {
        out.writeByte(BARRIER);
        out.writeLong(barrier.checkpoint());
        out.writeLong(barrier.ageMillis());
        out.writeByte(barrier.purpose().kind().ordinal());
        out.writeString(barrier.purpose().directory());
      } else if (element instanceof Element.EndOfInput) {
        out.writeByte(END);
      } else {
        out.writeByte(SPLIT);
        int start = out.position();
        spec.records().write(((Element.Split) element).split(), out);
        checkSize(out.position() - start);
      }
      return out.toByteArray();
    }

    private void begin(byte kind) {
      out.reset();
      out.writeLong(0);
      out.writeByte(kind);
      out.writeInt(0);
      out.writeLong(0);
    }
  }

  /** Fills in what only the connection knows. */
  static ByteBuf address(byte[] frame, int number, long sequence) {
    ByteBuffer.wrap(frame).putInt(NUMBER_AT, number).putLong(SEQUENCE_AT, sequence);
    return Unpooled.wrappedBuffer(Frames.seal(frame));
  }

  static boolean isBatch(byte[] frame) {
    return frame[KIND_AT] == BATCH;
  }

  /** Whether the payload is the barrier of a checkpoint, no savepoint; its id, else -1. */
  static long announcement(byte[] payload) {
    int body = BODY_AT - Frames.HEADER;
    return payload[0] == CONTROL
            && payload.length > body + BARRIER_PURPOSE_AT
            && payload[body] == BARRIER
        ? announcement(payload, body)
        : -1;
  }

  private static long announcement(byte[] bytes, int body) {
    boolean checkpoint = bytes[body + BARRIER_PURPOSE_AT] == Purpose.Kind.CHECKPOINT.ordinal();
    return checkpoint ? ByteBuffer.wrap(bytes).getLong(body + 1) : -1;
  }

  /** The same of a frame that is yet to be sent. */
  static long announcementOf(byte[] frame) {
    return frame[KIND_AT] == CONTROL && frame[BODY_AT] == BARRIER
        ? announcement(frame, BODY_AT)
        : -1;
  }

  /** What a frame yet to be sent holds; {@code null} if nothing that a checkpoint keeps. */
  static InFlight inFlightOf(byte[] frame) {
    if (isBatch(frame)) {
      return InFlight.bytes(frame, BODY_AT, frame.length - BODY_AT);
    }
    return frame[BODY_AT] == WATERMARK
        ? InFlight.watermark(ByteBuffer.wrap(frame).getLong(BODY_AT + 1))
        : null;
  }

  /** The same of a payload that has come. */
  static InFlight inFlight(byte[] payload) {
    int body = BODY_AT - Frames.HEADER;
    need(payload, body + 1);
    if (payload[0] == BATCH) {
      return InFlight.bytes(payload, body, payload.length - body);
    }
    return payload[body] == WATERMARK
        ? InFlight.watermark(need(payload, body + 9).getLong(body + 1))
        : null;
  }

  static int payloadLength(byte[] frame) {
    return frame.length - Frames.HEADER;
  }

  /** Number of the channel of a payload that is no ping. */
  static int number(byte[] payload) {
    return need(payload, 5).getInt(NUMBER_AT - Frames.HEADER);
  }

  static long sequence(byte[] payload) {
    return need(payload, 13).getLong(SEQUENCE_AT - Frames.HEADER);
  }

  /** Reads the element of a payload of kind BATCH or CONTROL. */
  static Element readElement(byte[] payload, Serializer<Object> records, ClassLoader loader) {
    int body = BODY_AT - Frames.HEADER;
    need(payload, body);
    var in = new DataReader(payload, body, payload.length - body, loader);
    Element element = payload[0] == BATCH ? BatchBytes.read(in, records) : readControl(in, records);
    if (in.remaining() != 0) {
      throw new CorruptDataException(in.remaining() + " bytes follow the element");
    }
    return element;
  }

  private static Element readControl(DataReader in, Serializer<Object> records) {
    byte kind = in.readByte();
    return switch (kind) {
      case WATERMARK -> new Element.Watermark(in.readLong());
      case IDLE -> new Element.Idle(in.readBoolean());
      case BARRIER -> barrier(in);
      case END -> new Element.EndOfInput();
      case SPLIT -> new Element.Split(records.read(in));
      default -> throw new CorruptDataException("unknown control element " + kind);
    };
  }

  private static Element.Barrier barrier(DataReader in) {
    long checkpoint = in.readLong();
    long ageMillis = in.readLong();
    return new Element.Barrier(checkpoint, purpose(in), ageMillis);
  }

  private static Purpose purpose(DataReader in) throws CorruptDataException {
    Purpose.Kind[] kinds = Purpose.Kind.values();
    int kind = in.readByte();
    if (kind < 0 || kind >= kinds.length) {
      throw new CorruptDataException("unknown purpose of a checkpoint " + kind);
    }
    String directory = in.readString();
    if (directory == null) {
      throw new CorruptDataException("a purpose of a checkpoint without its directory");
    }
    return new Purpose(kinds[kind], directory);
  }

  // ---- about channels

  static ByteBuf ping() {
    return Frames.frame(new byte[] {PING});
  }

  static ByteBuf subscribe(int number, ChannelId id, int credit) {
    var out = start(SUBSCRIBE, number);
    out.writeString(id.job());
    out.writeInt(id.region());
    out.writeInt(id.generation());
    out.writeInt(id.edge());
    out.writeInt(id.producer());
    out.writeInt(id.consumer());
    out.writeInt(credit);
    return Frames.frame(out.toByteArray());
  }

  record Subscription(ChannelId id, int credit) {}

  static Subscription readSubscription(byte[] payload) {
    DataReader in = body(payload);
    String job = in.readString();
    if (job == null) {
      throw new CorruptDataException("a subscription without a job");
    }
    var id =
        new ChannelId(job, in.readInt(), in.readInt(), in.readInt(), in.readInt(), in.readInt());
    int credit = in.readInt();
    if (credit < 1 || in.remaining() != 0) {
      throw new CorruptDataException("not a subscription");
    }
    return new Subscription(id, credit);
  }

  static ByteBuf credit(int number, int credit) {
    var out = start(CREDIT, number);
    out.writeInt(credit);
    return Frames.frame(out.toByteArray());
  }

  static int readCredit(byte[] payload) {
    return body(payload).readInt();
  }

  static ByteBuf request(int number) {
    return Frames.frame(start(REQUEST, number).toByteArray());
  }

  static ByteBuf unsubscribe(int number) {
    return Frames.frame(start(UNSUBSCRIBE, number).toByteArray());
  }

  static ByteBuf refused(int number, String reason) {
    var out = start(REFUSED, number);
    out.writeString(reason);
    return Frames.frame(out.toByteArray());
  }

  static String readRefused(byte[] payload) {
    return String.valueOf(body(payload).readString());
  }

  private static DataWriter start(byte kind, int number) {
    var out = new DataWriter(64);
    out.writeByte(kind);
    out.writeInt(number);
    return out;
  }

  private static DataReader body(byte[] payload) {
    need(payload, 5);
    return new DataReader(payload, 5, payload.length - 5);
  }

  private static ByteBuffer need(byte[] payload, int bytes) {
    if (payload.length < bytes) {
      throw new CorruptDataException("a frame of kind " + payload[0] + " is cut off");
    }
    return ByteBuffer.wrap(payload);
  }

  private DataFrames() {}
}
