package io.millrace.runtime.checkpoint;

import io.millrace.runtime.checkpoint.DamagedFactException.Damage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The form of small files: magic, version, kind, length of the body, CRC32C over all of that and
 * the body, body. A damaged file is always found out before anything in it is believed.
 */
public final class Facts {
  private static final int MAGIC = 0x4d52_4641;
  private static final short VERSION = 2;
  private static final int HEADER = 4 + 2 + 2 + 4;

  public static byte[] encode(Fact fact) {
    var body = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(body)) {
      FactBody.write(fact, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    byte[] content = body.toByteArray();
    ByteBuffer file = ByteBuffer.allocate(HEADER + 4 + content.length);
    file.putInt(MAGIC)
        .putShort(VERSION)
        .putShort(FactBody.kindOf(fact.getClass()))
        .putInt(content.length);
    file.putInt(crc(file.array(), content, 0)).put(content);
    return file.array();
  }

  /**
   * @throws DamagedFactException if it is not exactly what {@link #encode} made of such a fact
   */
  public static <F extends Fact> F decode(Class<F> type, byte[] file) throws DamagedFactException {
    if (file.length < HEADER + 4) {
      throw new DamagedFactException(
          Damage.LENGTH, "cut off after " + file.length + " bytes of its header");
    }
    ByteBuffer in = ByteBuffer.wrap(file);
    if (in.getInt() != MAGIC) {
      throw new DamagedFactException(Damage.MAGIC, "does not start like a file of Millrace");
    }
    short version = in.getShort();
    if (version != VERSION) {
      throw new DamagedFactException(
          Damage.VERSION, "has format version " + version + ", this one reads " + VERSION);
    }
    short kind = in.getShort();
    int length = in.getInt();
    if (length != file.length - HEADER - 4) {
      throw new DamagedFactException(
          Damage.LENGTH, "says it holds " + length + " bytes, found " + (file.length - HEADER - 4));
    }
    if (in.getInt() != crc(file, file, HEADER + 4)) {
      throw new DamagedFactException(Damage.CHECKSUM, "its CRC32C differs");
    }
    if (kind != FactBody.kindOf(type)) {
      throw new DamagedFactException(Damage.KIND, "is not a " + type.getSimpleName());
    }
    try (var body = new DataInputStream(new ByteArrayInputStream(file, HEADER + 4, length))) {
      F fact = type.cast(FactBody.read(kind, body));
      if (body.available() > 0) {
        throw new DamagedFactException(Damage.CONTENT, "has " + body.available() + " bytes left");
      }
      return fact;
    } catch (DamagedFactException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DamagedFactException(Damage.CONTENT, "makes no sense: " + e);
    }
  }

  private static int crc(byte[] header, byte[] body, int bodyFrom) {
    var crc = new CRC32C();
    crc.update(header, 0, HEADER);
    crc.update(body, bodyFrom, body.length - bodyFrom);
    return (int) crc.getValue();
  }

  private Facts() {}
}
