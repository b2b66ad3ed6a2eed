package io.millrace.api.type;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A growing array of bytes, big-endian, and the dictionary of the classes that dynamic values in it
 * have used so far. One thread at a time. What lies between two {@link #reset resets} is
 * self-contained: a {@link DataReader} needs nothing else to read it.
 */
public final class DataWriter {
  static final int LATIN1 = 0;
  static final int UTF8 = 1;

  /** Only for strings that are not well-formed and would not survive UTF-8. */
  static final int UTF16 = 2;

  /** Deeper values are taken for cyclic; the reader refuses them too. */
  static final int MAX_DEPTH = 256;

  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle CHAR = view(char[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private byte[] bytes;
  private int position;
  private int depth;
  private int familyDepth;
  private final boolean canonical;
  private final boolean describing;
  private final Map<Class<?>, Integer> classIds = new HashMap<>();

  public DataWriter() {
    this(256);
  }

  public DataWriter(int initialCapacity) {
    this(initialCapacity, false, false);
  }

  private DataWriter(int initialCapacity, boolean canonical, boolean describing) {
    this.bytes = new byte[Math.max(16, initialCapacity)];
    this.canonical = canonical;
    this.describing = describing;
  }

  /**
   * A writer to which equal values of a hashable type are equal bytes: lists come out without their
   * class, and there is one NaN. What is read from that is equal to what was written.
   */
  public static DataWriter canonical(int initialCapacity) {
    return new DataWriter(initialCapacity, true, false);
  }

  /**
   * A writer of data that outlives the program: classes that dynamic values name come with their
   * shape, and a reader refuses them if they are of another shape by then.
   */
  public static DataWriter describing(int initialCapacity) {
    return new DataWriter(initialCapacity, false, true);
  }

  /** Whether equal values must be written alike. */
  boolean isCanonical() {
    return canonical;
  }

  static VarHandle view(Class<?> arrayType) {
    return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.BIG_ENDIAN);
  }

  public void writeByte(int value) {
    room(1);
    bytes[position++] = (byte) value;
  }

  public void writeBoolean(boolean value) {
    writeByte(value ? 1 : 0);
  }

  public void writeShort(short value) {
    room(2);
    SHORT.set(bytes, position, value);
    position += 2;
  }

  public void writeChar(char value) {
    room(2);
    CHAR.set(bytes, position, value);
    position += 2;
  }

  public void writeInt(int value) {
    room(4);
    INT.set(bytes, position, value);
    position += 4;
  }

  public void writeLong(long value) {
    room(8);
    LONG.set(bytes, position, value);
    position += 8;
  }

  public void writeFloat(float value) {
    writeInt(canonical ? Float.floatToIntBits(value) : Float.floatToRawIntBits(value));
  }

  public void writeDouble(double value) {
    writeLong(canonical ? Double.doubleToLongBits(value) : Double.doubleToRawLongBits(value));
  }

  /** One to five bytes, few for small values that are not negative. */
  public void writeVarInt(int value) {
    writeVarLong(value & 0xFFFF_FFFFL);
  }

  /** One to five bytes, few for values near zero on either side. */
  public void writeSignedVarInt(int value) {
    writeVarInt((value << 1) ^ (value >> 31));
  }

  /** One to ten bytes, few for small values that are not negative. */
  public void writeVarLong(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
  }

  /** One to ten bytes, few for values near zero on either side. */
  public void writeSignedVarLong(long value) {
    writeVarLong((value << 1) ^ (value >> 63));
  }

  /** A string or null: length and coder in one number, then a block of Latin-1 or UTF-8. */
  public void writeString(String value) {
    if (value == null) {
      writeByte(0);
      return;
    }
    int length = value.length();
    if (isLatin1(value)) {
      writeStringHeader(length, LATIN1);
      room(length);
      copyLatin1(value, length);
      return;
    }
    if (isWellFormed(value)) {
      byte[] block = value.getBytes(StandardCharsets.UTF_8);
      writeStringHeader(block.length, UTF8);
      writeBytes(block, 0, block.length);
      return;
    }
    // Encoders replace lone surrogates, so the chars go out as they are.
    writeStringHeader(Math.multiplyExact(length, 2), UTF16);
    for (int i = 0; i < length; i++) {
      writeChar(value.charAt(i));
    }
  }

  private void writeStringHeader(int length, int coder) {
    writeVarLong(((long) length << 2 | coder) + 1);
  }

  private static boolean isLatin1(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xFF) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWellFormed(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        boolean pair =
            i + 1 < value.length()
                && Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  // The deprecated method takes the low bytes only, which is exactly what a Latin-1 string has.
  @SuppressWarnings("deprecation")
  private void copyLatin1(String value, int length) {
    value.getBytes(0, length, bytes, position);
    position += length;
  }

  public void writeBytes(byte[] source, int offset, int length) {
    room(length);
    System.arraycopy(source, offset, bytes, position, length);
    position += length;
  }

  /** The length, then the bytes. */
  public void writeByteArray(byte[] value) {
    writeVarInt(value.length);
    writeBytes(value, 0, value.length);
  }

  /** Overwrites four bytes that were written before, such as a length that is known only now. */
  public void patchInt(int at, int value) {
    if (at < 0 || at > position - 4) {
      throw new IndexOutOfBoundsException(
          "patch of 4 bytes at " + at + ", but only " + position + " bytes are written");
    }
    INT.set(bytes, at, value);
  }

  /** How many bytes are written. */
  public int position() {
    return position;
  }

  /** The array itself, valid until the next write; only the first {@link #position} bytes count. */
  public byte[] array() {
    return bytes;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, position);
  }

  /** Forgets bytes and dictionary, keeps the room. */
  public void reset() {
    position = 0;
    depth = 0;
    familyDepth = 0;
    classIds.clear();
  }

  /** Writes which class follows: its number, and its name when this is its first use. */
  void writeClass(Class<?> type, Supplier<Shape> shape) {
    Integer id = classIds.get(type);
    if (id != null) {
      writeVarInt(id + 1);
      return;
    }
    classIds.put(type, classIds.size());
    writeVarInt(classIds.size());
    if (describing) {
      writeString(DynamicSerializer.DESCRIBED + type.getName());
      shape.get().write(this);
    } else {
      writeString(type.getName());
    }
  }

  void enter(String typeName) {
    if (++depth > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a value of "
              + typeName
              + " is nested deeper than "
              + MAX_DEPTH
              + " levels; if it refers to itself, replace that reference by an id");
    }
  }

  void leave() {
    depth--;
  }

  void enterFamily(String typeName) {
    if (++familyDepth > SealedSerializer.MAX_DEPTH) {
      throw new IllegalArgumentException(
          "a value of sealed type "
              + typeName
              + " holds members inside members deeper than "
              + SealedSerializer.MAX_DEPTH
              + " levels; flatten it");
    }
  }

  void leaveFamily() {
    familyDepth--;
  }

  private void room(int more) {
    if (more > bytes.length - position) {
      grow(more);
    }
  }

  private void grow(int more) {
    long needed = (long) position + more;
    if (needed > MAX_ARRAY) {
      throw new IllegalStateException(
          "a block of " + needed + " bytes does not fit in an array; write smaller values");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_ARRAY, Math.max(needed, 2L * bytes.length)));
  }
}
