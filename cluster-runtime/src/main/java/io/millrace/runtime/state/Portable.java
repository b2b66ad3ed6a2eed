package io.millrace.runtime.state;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;

/**
 * State under keys as it stands in checkpoints, whichever store wrote it: states by name, each with
 * kind and types and its blocks; a block has the entries of one key group and can be read by
 * itself.
 */
final class Portable {
  static final int MAGIC = 0x4d524b53;
  static final String TIMERS = "timers/";

  /**
   * A block without its bytes.
   *
   * @param number of a block that was set aside
   */
  record Block(byte kind, String types, int group, int number) {
    Block numbered(int newNumber) {
      return new Block(kind, types, group, newNumber);
    }

    /** Refuses what the program does not declare. */
    void check(String state, StateKind declared) {
      if ((kind & ~StateKind.TIMED) != (declared.code() & ~StateKind.TIMED)) {
        throw new IllegalArgumentException(
            "state '"
                + state
                + "' is "
                + StateKind.nameOf(kind)
                + " in the checkpoint, but the program declares "
                + StateKind.nameOf(declared.code())
                + "; give the new state another name");
      }
      if (!declared.types().equals(types)) {
        throw new IllegalArgumentException(
            "state '"
                + state
                + "' holds "
                + types
                + " in the checkpoint, but the program declares "
                + declared.types()
                + "; declare what it was, or give the new state another name");
      }
    }
  }

  /** Gets the blocks one after the other. */
  interface BlockConsumer {
    void accept(String state, Block block, byte[] bytes);
  }

  static void read(DataReader in, BlockConsumer consumer) {
    if (in.readInt() != MAGIC) {
      throw new CorruptDataException("these bytes are not state under keys");
    }
    for (int states = in.readVarInt(); states > 0; states--) {
      String name = in.readString();
      byte kind = in.readByte();
      String types = in.readString();
      for (int blocks = in.readInt(); blocks > 0; blocks--) {
        int group = in.readInt();
        int length = in.readInt();
        if (length < 0 || length > in.remaining()) {
          throw new CorruptDataException("a block of state '" + name + "' is longer than its file");
        }
        byte[] bytes = new byte[length];
        in.readBytes(bytes, 0, length);
        consumer.accept(name, new Block(kind, types, group, -1), bytes);
      }
    }
  }

  /** Writes states with their blocks. */
  static final class Writer {
    private final DataWriter out = new DataWriter(1 << 12);
    private int blocksAt;
    private int blocks;

    Writer(int states) {
      out.writeInt(MAGIC);
      out.writeVarInt(states);
    }

    void state(String name, byte kind, String types) {
      endState();
      out.writeString(name);
      out.writeByte(kind);
      out.writeString(types);
      blocksAt = out.position();
      blocks = 0;
      out.writeInt(0);
    }

    void block(int group, byte[] bytes) {
      out.writeInt(group);
      out.writeInt(bytes.length);
      out.writeBytes(bytes, 0, bytes.length);
      blocks++;
    }

    /**
     * @param entries so many keys with what is under each, written by one writer
     */
    void block(int group, int count, DataWriter entries) {
      out.writeInt(group);
      int lengthAt = out.position();
      out.writeInt(0);
      out.writeVarInt(count);
      out.writeBytes(entries.array(), 0, entries.position());
      out.patchInt(lengthAt, out.position() - lengthAt - 4);
      blocks++;
    }

    byte[] finish() {
      endState();
      return out.toByteArray();
    }

    private void endState() {
      if (blocksAt > 0) {
        out.patchInt(blocksAt, blocks);
      }
    }
  }

  private Portable() {}
}
