package io.millrace.api.type;

import com.esotericsoftware.kryo.io.Output;

/** Kryo's output with our strings, whose length is known before they are read. */
final class KryoOutput extends Output {
  KryoOutput() {
    super(128, -1);
  }

  @Override
  public void writeString(String value) {
    if (value == null) {
      writeVarInt(0, true);
      return;
    }
    DataWriter text = new DataWriter(value.length() + 8);
    text.writeString(value);
    writeVarInt(text.position() + 1, true);
    writeBytes(text.array(), 0, text.position());
  }

  @Override
  public void writeAscii(String value) {
    writeString(value);
  }
}
