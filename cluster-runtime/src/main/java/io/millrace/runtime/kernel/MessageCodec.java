package io.millrace.runtime.kernel;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;

/**
 * Turns the messages of one sealed family into bytes and back. The family is all that bytes can
 * name: whatever they say, nothing but its records is ever made. Any number of threads may use it.
 */
public final class MessageCodec<M> {
  private final Class<M> family;
  private final Serializer<M> serializer;

  /**
   * @param family a sealed interface of records
   */
  public MessageCodec(Class<M> family) {
    this.family = family;
    this.serializer = Serializers.closed(family);
  }

  public byte[] encode(M message) {
    var out = new DataWriter(256);
    serializer.write(message, out);
    return out.toByteArray();
  }

  /**
   * @throws CorruptDataException if the bytes are anything but exactly one message of the family
   */
  public M decode(byte[] bytes) {
    var in = new DataReader(bytes);
    M message = serializer.read(in);
    if (message == null || in.remaining() != 0) {
      throw new CorruptDataException(
          "expected one message of "
              + family.getSimpleName()
              + ", found "
              + (message == null ? "none" : in.remaining() + " bytes after it"));
    }
    return message;
  }
}
