package io.millrace.api.type;

import com.esotericsoftware.kryo.io.Input;

/**
 * Kryo's input, made to trust nothing: all lengths that a block declares, taken together, must fit
 * in the block, as every element takes a byte at least.
 */
final class KryoInput extends Input {
  private long claimed;

  KryoInput(byte[] block) {
    super(block);
  }

  /** Called with every declared length before anything of that size is allocated. */
  int claim(int length) {
    claimed += length;
    if (length < 0 || length > limit - position || claimed > limit) {
      throw new CorruptDataException(
          "a declared length of "
              + length
              + " does not fit in the "
              + (limit - position)
              + " bytes that are left");
    }
    return length;
  }

  @Override
  public String readString() {
    int marker = readVarInt(true);
    if (marker == 0) {
      return null;
    }
    DataReader text = new DataReader(readBytes(marker - 1));
    return text.readString();
  }

  @Override
  public StringBuilder readStringBuilder() {
    String text = readString();
    return text == null ? null : new StringBuilder(text);
  }

  @Override
  public byte[] readBytes(int length) {
    return super.readBytes(claim(length));
  }

  @Override
  public int[] readInts(int length) {
    return super.readInts(claim(length));
  }

  @Override
  public int[] readInts(int length, boolean optimizePositive) {
    return super.readInts(claim(length), optimizePositive);
  }

  @Override
  public long[] readLongs(int length) {
    return super.readLongs(claim(length));
  }

  @Override
  public long[] readLongs(int length, boolean optimizePositive) {
    return super.readLongs(claim(length), optimizePositive);
  }

  @Override
  public float[] readFloats(int length) {
    return super.readFloats(claim(length));
  }

  @Override
  public double[] readDoubles(int length) {
    return super.readDoubles(claim(length));
  }

  @Override
  public short[] readShorts(int length) {
    return super.readShorts(claim(length));
  }

  @Override
  public char[] readChars(int length) {
    return super.readChars(claim(length));
  }

  @Override
  public boolean[] readBooleans(int length) {
    return super.readBooleans(claim(length));
  }
}
