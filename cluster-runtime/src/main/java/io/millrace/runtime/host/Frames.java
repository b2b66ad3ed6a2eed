package io.millrace.runtime.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The unit of what goes over a connection: length of the payload (4 bytes), CRC32C of the payload
 * (4 bytes), payload. The receiver's cap is small until the peer has said who it is.
 */
final class Frames {
  static final int HEADER = 8;

  /** A frame around a payload. */
  static ByteBuf frame(byte[] payload) {
    byte[] header = new byte[HEADER];
    fillHeader(header, payload, 0, payload.length);
    return Unpooled.wrappedBuffer(header, payload);
  }

  /** Fills in the header of a frame whose payload lies behind the room left for it. */
  static byte[] seal(byte[] frame) {
    fillHeader(frame, frame, HEADER, frame.length - HEADER);
    return frame;
  }

  private static void fillHeader(byte[] header, byte[] bytes, int offset, int length) {
    var crc = new CRC32C();
    crc.update(bytes, offset, length);
    ByteBuffer.wrap(header).putInt(length).putInt((int) crc.getValue());
  }

  /** Whoever sent this does not speak our language, or the line is broken. */
  static final class BadFrameException extends RuntimeException {
    BadFrameException(String message) {
      super(message);
    }
  }

  /** Cuts the stream into payloads, as byte arrays. After the first bad frame it reads no more. */
  static final class Decoder extends ByteToMessageDecoder {
    private int cap;
    private boolean broken;

    Decoder(int cap) {
      this.cap = cap;
    }

    void raiseCap(int newCap) {
      cap = newCap;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (broken) {
        in.skipBytes(in.readableBytes());
        return;
      }
      if (in.readableBytes() < HEADER) {
        return;
      }
      int length = in.getInt(in.readerIndex());
      if (length <= 0 || length > cap) {
        throw broken("a frame declares " + length + " bytes, 1 to " + cap + " are allowed");
      }
      if (in.readableBytes() < HEADER + length) {
        return;
      }
      in.skipBytes(4);
      int expected = in.readInt();
      byte[] payload = new byte[length];
      in.readBytes(payload);
      var crc = new CRC32C();
      crc.update(payload, 0, length);
      if ((int) crc.getValue() != expected) {
        throw broken("the checksum of a frame of " + length + " bytes does not match");
      }
      out.add(payload);
    }

    private BadFrameException broken(String message) {
      broken = true;
      return new BadFrameException(message);
    }
  }

  private Frames() {}
}
