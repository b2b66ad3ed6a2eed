package io.millrace.api.type;

import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Reads what one {@link DataWriter} has written between two resets.
 *
 * <p>Trusts nothing: each declared length is compared with what is left before anything of that
 * size is allocated, and the only exception is {@link CorruptDataException}. One thread at a time.
 */
public final class DataReader {
  private static final VarHandle SHORT = DataWriter.view(short[].class);
  private static final VarHandle CHAR = DataWriter.view(char[].class);
  private static final VarHandle INT = DataWriter.view(int[].class);
  private static final VarHandle LONG = DataWriter.view(long[].class);

  private final byte[] bytes;
  private final int end;
  private final ClassLoader loader;
  private int position;
  private int depth;
  private int familyDepth;
  private final List<DynamicSerializer.Announced> classes = new ArrayList<>();

  public DataReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public DataReader(byte[] bytes, int offset, int length) {
    this(bytes, offset, length, null);
  }

  public DataReader(byte[] bytes, ClassLoader loader) {
    this(bytes, 0, bytes.length, loader);
  }

  /**
   * Reads a part of an array.
   *
   * @param loader where classes named in the data are looked for; null means the loader for which
   *     the serializer in use was made
   */
  public DataReader(byte[] bytes, int offset, int length, ClassLoader loader) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    this.bytes = bytes;
    this.position = offset;
    this.end = offset + length;
    this.loader = loader;
  }

  public byte readByte() {
    need(1);
    return bytes[position++];
  }

  public boolean readBoolean() {
    byte value = readByte();
    if (value != 0 && value != 1) {
      throw new CorruptDataException("expected a boolean (0 or 1), found " + value);
    }
    return value == 1;
  }

  public short readShort() {
    need(2);
    short value = (short) SHORT.get(bytes, position);
    position += 2;
    return value;
  }

  public char readChar() {
    need(2);
    char value = (char) CHAR.get(bytes, position);
    position += 2;
    return value;
  }

  public int readInt() {
    need(4);
    int value = (int) INT.get(bytes, position);
    position += 4;
    return value;
  }

  public long readLong() {
    need(8);
    long value = (long) LONG.get(bytes, position);
    position += 8;
    return value;
  }

  public float readFloat() {
    return Float.intBitsToFloat(readInt());
  }

  public double readDouble() {
    return Double.longBitsToDouble(readLong());
  }

  public int readVarInt() {
    long value = readVarLong();
    if (value >>> 32 != 0) {
      throw new CorruptDataException("expected a number of 32 bits, found " + value);
    }
    return (int) value;
  }

  public int readSignedVarInt() {
    int value = readVarInt();
    return (value >>> 1) ^ -(value & 1);
  }

  public long readVarLong() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = readByte();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new CorruptDataException("a number has more than ten bytes");
  }

  public long readSignedVarLong() {
    long value = readVarLong();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A string or null. */
  public String readString() {
    long header = readVarLong();
    if (header == 0) {
      return null;
    }
    header--;
    long length = header >>> 2;
    if (length > remaining()) {
      throw tooLong(length);
    }
    int start = position;
    position += (int) length;
    switch ((int) header & 3) {
      case DataWriter.LATIN1:
        return new String(bytes, start, (int) length, StandardCharsets.ISO_8859_1);
      case DataWriter.UTF8:
        return new String(bytes, start, (int) length, StandardCharsets.UTF_8);
      case DataWriter.UTF16:
        return readChars(start, (int) length);
      default:
        throw new CorruptDataException("a string has the unknown coder 3");
    }
  }

  private String readChars(int start, int length) {
    char[] chars = new char[length / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) CHAR.get(bytes, start + 2 * i);
    }
    return new String(chars);
  }

  public void readBytes(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    need(length);
    System.arraycopy(bytes, position, target, offset, length);
    position += length;
  }

  /** Passes by some bytes. */
  public void skip(int length) {
    need(length);
    position += length;
  }

  public byte[] readByteArray() {
    int length = readCount();
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  /** The number of elements that follow, each of which takes at least one byte. */
  public int readCount() {
    return readCount(1);
  }

  /** The number of elements that follow, each of which takes at least that many bytes. */
  public int readCount(int bytesEach) {
    long count = readVarLong();
    if (count < 0 || count > remaining() / bytesEach) {
      throw tooLong(count);
    }
    return (int) count;
  }

  /** Where the next byte is in the array. */
  public int position() {
    return position;
  }

  public int remaining() {
    return end - position;
  }

  /** Where classes named in the data are looked for, or null for the serializer's own loader. */
  ClassLoader loader() {
    return loader;
  }

  List<DynamicSerializer.Announced> classes() {
    return classes;
  }

  void enter() {
    if (++depth > DataWriter.MAX_DEPTH) {
      throw new CorruptDataException(
          "values are nested deeper than " + DataWriter.MAX_DEPTH + " levels");
    }
  }

  void leave() {
    depth--;
  }

  void enterFamily() {
    if (++familyDepth > SealedSerializer.MAX_DEPTH) {
      throw new CorruptDataException(
          "sealed values are nested deeper than " + SealedSerializer.MAX_DEPTH + " levels");
    }
  }

  void leaveFamily() {
    familyDepth--;
  }

  private void need(int length) {
    if (length > end - position) {
      throw new CorruptDataException(
          "expected " + length + " more bytes, found only " + remaining());
    }
  }

  private CorruptDataException tooLong(long length) {
    return new CorruptDataException(
        "a declared length of "
            + Long.toUnsignedString(length)
            + " does not fit in the "
            + remaining()
            + " bytes that are left");
  }
}
