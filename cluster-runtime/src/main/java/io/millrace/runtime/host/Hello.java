package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.runtime.protocol.Epoch;
import java.util.Objects;

/**
 * The first thing either side says inside TLS: who it is. The accepting side answers with its own,
 * or with a {@link Refusal}.
 *
 * @param name of the process; a TaskManager's id, a client's own choice
 * @param epoch highest that it knows of; {@link Epoch#NONE} if none
 */
record Hello(String applicationId, Role role, String name, Epoch epoch) {
  static final int MAGIC = 0x4d494c4c; // "MILL"

  /** Raised with every change of what goes over the wire. */
  static final int VERSION = 2;

  private static final int WELCOME = 0;
  private static final int MAX_NAME = 200;

  Hello {
    Objects.requireNonNull(role);
    Objects.requireNonNull(epoch);
    if (applicationId.isEmpty() || applicationId.length() > MAX_NAME) {
      throw new IllegalArgumentException("an application id needs 1 to 200 characters");
    }
    // It appears in logs.
    if (name.isBlank() || name.length() > MAX_NAME || !name.chars().allMatch(Hello::isVisible)) {
      throw new IllegalArgumentException("a name needs 1 to 200 visible ASCII characters");
    }
  }

  private static boolean isVisible(int c) {
    return c >= ' ' && c < 0x7f;
  }

  /** What a process wants to be on a connection. */
  enum Role {
    JOBMANAGER,
    TASKMANAGER,
    CLIENT,
    /** A TaskManager that offers channels on its data port. */
    DATA_PRODUCER,
    /** A TaskManager that comes for channels. */
    DATA_CONSUMER
  }

  /** Why a connection is refused; the ordinal plus one goes over the wire. */
  enum Refusal {
    MALFORMED("what was said is not a greeting"),
    WRONG_VERSION("the other side speaks another version of the protocol"),
    WRONG_APPLICATION("the other side belongs to another application"),
    WRONG_ROLE("this port is not for this role"),
    STALE_EPOCH("the other side knows of a newer JobManager");

    final String meaning;

    Refusal(String meaning) {
      this.meaning = meaning;
    }
  }

  byte[] greeting() {
    var out = new DataWriter(128);
    write(out);
    return out.toByteArray();
  }

  /** The answer that lets the peer in. */
  byte[] welcome() {
    var out = new DataWriter(128);
    out.writeByte(WELCOME);
    write(out);
    return out.toByteArray();
  }

  static byte[] refusal(Refusal refusal) {
    return new byte[] {(byte) (refusal.ordinal() + 1)};
  }

  private void write(DataWriter out) {
    out.writeInt(MAGIC);
    out.writeVarInt(VERSION);
    out.writeString(applicationId);
    out.writeByte(role.ordinal());
    out.writeString(name);
    out.writeInt(epoch.attempt());
    out.writeInt(epoch.counter());
  }

  /**
   * @throws RefusedException if the bytes are not a greeting of this version
   */
  static Hello read(byte[] payload) throws RefusedException {
    return read(new DataReader(payload));
  }

  /**
   * @throws RefusedException with the code that the other side gave, or if its answer is unreadable
   */
  static Hello readAnswer(byte[] payload) throws RefusedException {
    int code = payload[0];
    if (code == WELCOME) {
      return read(new DataReader(payload, 1, payload.length - 1));
    }
    if (code < 0 || code > Refusal.values().length || payload.length != 1) {
      throw new RefusedException(Refusal.MALFORMED, false);
    }
    throw new RefusedException(Refusal.values()[code - 1], true);
  }

  private static Hello read(DataReader in) throws RefusedException {
    try {
      if (in.readInt() != MAGIC) {
        throw new RefusedException(Refusal.MALFORMED, false);
      }
      if (in.readVarInt() != VERSION) {
        throw new RefusedException(Refusal.WRONG_VERSION, false);
      }
      String applicationId = in.readString();
      int role = in.readByte();
      String name = in.readString();
      var epoch = new Epoch(in.readInt(), in.readInt());
      if (role < 0 || role >= Role.values().length || in.remaining() != 0) {
        throw new RefusedException(Refusal.MALFORMED, false);
      }
      return new Hello(applicationId, Role.values()[role], name, epoch);
    } catch (CorruptDataException | IllegalArgumentException | NullPointerException e) {
      throw new RefusedException(Refusal.MALFORMED, false);
    }
  }

  /** One side did not let the other in. */
  static final class RefusedException extends Exception {
    private final Refusal refusal;

    RefusedException(Refusal refusal, boolean byPeer) {
      super((byPeer ? "refused by the peer: " : "refused: ") + refusal.meaning);
      this.refusal = refusal;
    }

    Refusal refusal() {
      return refusal;
    }
  }
}
