package io.millrace.api.type;

/**
 * The arithmetic of stable hashes. A 64-bit value is folded and passed through the 32-bit finaliser
 * of MurmurHash3; a sequence is combined from the left, {@code h = mix(31 * h + element)}, which
 * makes the order count. These numbers decide which key group a key belongs to, in checkpoints too:
 * they never change.
 */
final class Hash {
  static final int NULL = 0;
  static final int SEED = 1;

  private Hash() {}

  static int mix(int value) {
    int h = value;
    h ^= h >>> 16;
    h *= 0x85ebca6b;
    h ^= h >>> 13;
    h *= 0xc2b2ae35;
    h ^= h >>> 16;
    return h;
  }

  static int combine(int hash, int element) {
    return mix(31 * hash + element);
  }

  static int of(boolean value) {
    return mix(value ? 1 : 2);
  }

  static int of(byte value) {
    return mix(value);
  }

  static int of(short value) {
    return mix(value);
  }

  static int of(char value) {
    return mix(value);
  }

  static int of(int value) {
    return mix(value);
  }

  static int of(long value) {
    return mix((int) (value ^ value >>> 32) * 31 + (int) (value >>> 32));
  }

  /** Equal for both zeros and for every NaN, as floatToIntBits has only one NaN. */
  static int of(float value) {
    return mix(Float.floatToIntBits(value == 0f ? 0f : value));
  }

  static int of(double value) {
    return of(Double.doubleToLongBits(value == 0d ? 0d : value));
  }

  /** Of the chars; the sum that String.hashCode is specified to be, mixed. */
  static int of(String value) {
    return mix(value.hashCode());
  }
}
