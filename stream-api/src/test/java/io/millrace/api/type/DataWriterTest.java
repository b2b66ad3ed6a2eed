package io.millrace.api.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DataWriterTest {

  @Test
  void everythingComesBackInOrder() {
    DataWriter out = new DataWriter(1);
    out.writeBoolean(true);
    out.writeByte(-7);
    out.writeShort((short) -300);
    out.writeChar('\u1234');
    out.writeInt(Integer.MIN_VALUE);
    out.writeLong(Long.MIN_VALUE);
    out.writeFloat(-0f);
    out.writeDouble(Double.MIN_VALUE);
    out.writeByteArray(new byte[] {1, 2});
    out.writeBytes(new byte[] {9, 3, 9}, 1, 1);
    out.writeString(null);

    DataReader in = new DataReader(out.toByteArray());
    assertThat(in.readBoolean()).isTrue();
    assertThat(in.readByte()).isEqualTo((byte) -7);
    assertThat(in.readShort()).isEqualTo((short) -300);
    assertThat(in.readChar()).isEqualTo('\u1234');
    assertThat(in.readInt()).isEqualTo(Integer.MIN_VALUE);
    assertThat(in.readLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(Float.floatToRawIntBits(in.readFloat())).isEqualTo(Float.floatToRawIntBits(-0f));
    assertThat(in.readDouble()).isEqualTo(Double.MIN_VALUE);
    assertThat(in.readByteArray()).containsExactly(1, 2);
    byte[] rest = new byte[1];
    in.readBytes(rest, 0, 1);
    assertThat(rest).containsExactly(3);
    assertThat(in.readString()).isNull();
    assertThat(in.remaining()).isZero();
  }

  @Test
  void numbersOfVaryingLengthComeBack() {
    DataWriter out = new DataWriter();
    for (int shift = 0; shift < 64; shift++) {
      for (long value : new long[] {1L << shift, (1L << shift) - 1, -(1L << shift)}) {
        out.reset();
        out.writeVarLong(value);
        out.writeSignedVarLong(value);
        out.writeVarInt((int) value);
        out.writeSignedVarInt((int) value);
        DataReader in = new DataReader(out.toByteArray());
        assertThat(in.readVarLong()).isEqualTo(value);
        assertThat(in.readSignedVarLong()).isEqualTo(value);
        assertThat(in.readVarInt()).isEqualTo((int) value);
        assertThat(in.readSignedVarInt()).isEqualTo((int) value);
        assertThat(in.remaining()).isZero();
      }
    }
    out.reset();
    out.writeSignedVarInt(-64);
    assertThat(out.position()).isEqualTo(1);
  }

  @Test
  void aLatin1StringTakesOneByteEach() {
    DataWriter out = new DataWriter();
    out.writeString("Stra\u00dfe");
    assertThat(out.position()).isEqualTo(1 + 6);
  }

  @Test
  void aLengthCanBePatchedIn() {
    DataWriter out = new DataWriter();
    out.writeInt(0);
    out.writeByte(5);
    out.patchInt(0, 42);
    assertThat(new DataReader(out.toByteArray()).readInt()).isEqualTo(42);
    assertThatThrownBy(() -> out.patchInt(2, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aReaderSeesItsSliceOnly() {
    DataReader in = new DataReader(new byte[] {1, 2, 3, 4, 5, 6}, 1, 4);
    assertThat(in.remaining()).isEqualTo(4);
    assertThat(in.readInt()).isEqualTo(0x02030405);
    assertThatThrownBy(in::readByte).isInstanceOf(CorruptDataException.class);
  }
}
