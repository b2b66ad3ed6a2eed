package io.millrace.runtime.state;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * State under keys as it stands in checkpoints, whichever store wrote it: states by name, each with
 * kind and types and its blocks; a block has the entries of one key group and can be read by
 * itself.
 */
final class Portable {
  /** Bytes at the beginning of a part that tell its length. */
  static final int PART_HEADER = 8;

  private static final int MAGIC = 0x4d524b55;

  /**
   * In a part, unless a value is larger. A collector by regions gives arrays of half a region, at
   * least 512 kB, regions of their own in the old generation, as also the bench would need when it
   * has grown beyond.
   */
  private static final int PART_BYTES = 500_000;

  static final String TIMERS = "timers/";

  /**
   * A block without its bytes.
   *
   * @param keys of which shape its keys are
   * @param number of a block that was set aside
   */
  record Block(byte kind, String types, Shape shape, Shape keys, int group, int number) {
    Block numbered(int newNumber) {
      return new Block(kind, types, shape, keys, group, newNumber);
    }

    /** The same for all blocks that can stand in one section. */
    Block section() {
      return new Block(kind, types, shape, keys, -1, -1);
    }
  }

  /** Gets the blocks one after the other. */
  interface BlockConsumer {
    void accept(String state, Block block, byte[] bytes);
  }

  /** Gets what is to be known of blocks without their bytes. */
  interface Census {
    /** Before the blocks of a state. */
    void state(String name, Block block);

    void block(String state, Block block, int keys, int bytes);
  }

  /** Takes a block's bytes, which come next, all of them. */
  private interface Blocks {
    void state(String name, Block block);

    void block(String state, Block block, DataReader in, int length);
  }

  /**
   * Shows the blocks of parts that stand one behind the other.
   *
   * @throws IllegalArgumentException if there are any and their keys are of another type
   */
  static void read(DataReader in, RestoredKeys keys, BlockConsumer consumer) {
    readParts(
        in,
        new Blocks() {
          @Override
          public void state(String name, Block block) {}

          @Override
          public void block(String state, Block block, DataReader from, int length) {
            byte[] bytes = new byte[length];
            from.readBytes(bytes, 0, length);
            keys.check(state, block.keys());
            consumer.accept(state, block, bytes);
          }
        });
  }

  /** Passes by the blocks of parts that stand one behind the other. */
  static void describe(DataReader in, Census census) {
    readParts(
        in,
        new Blocks() {
          @Override
          public void state(String name, Block block) {
            census.state(name, block);
          }

          @Override
          public void block(String state, Block block, DataReader from, int length) {
            int end = from.position() + length;
            int keysOfBlock = from.readVarInt();
            if (from.position() > end) {
              throw new CorruptDataException("a block of state '" + state + "' is too short");
            }
            from.skip(end - from.position());
            census.block(state, block, keysOfBlock, length);
          }
        });
  }

  private static void readParts(DataReader in, Blocks blocks) {
    do {
      readPart(in, blocks);
    } while (in.remaining() > 0);
  }

  private static void readPart(DataReader in, Blocks to) {
    if (in.readInt() != MAGIC) {
      throw new CorruptDataException("these bytes are not state under keys");
    }
    int length = in.readInt();
    if (length < 4 || length > in.remaining()) {
      throw new CorruptDataException("a part of state under keys is longer than its file");
    }
    int count = in.readInt();
    Shape shapeOfKeys = Shape.read(in);
    for (int states = count; states > 0; states--) {
      String name = in.readString();
      byte kind = in.readByte();
      String types = in.readString();
      Shape shape = Shape.read(in);
      to.state(name, new Block(kind, types, shape, shapeOfKeys, -1, -1));
      for (int blocks = in.readInt(); blocks > 0; blocks--) {
        int group = in.readInt();
        int blockLength = in.readInt();
        if (blockLength < 0 || blockLength > in.remaining()) {
          throw new CorruptDataException("a block of state '" + name + "' is longer than its file");
        }
        var block = new Block(kind, types, shape, shapeOfKeys, group, -1);
        to.block(name, block, in, blockLength);
      }
    }
  }

  /** Runs what reads a state's block; an error names the state. */
  static void reading(String state, Runnable block) {
    try {
      block.run();
    } catch (CorruptDataException e) {
      throw new CorruptDataException("state '" + state + "': " + e.getMessage(), e);
    }
  }

  /** How long the part is of which these are the first {@link #PART_HEADER} bytes. */
  static int partLength(byte[] header) {
    var in = new DataReader(header);
    if (in.readInt() != MAGIC) {
      throw new CorruptDataException("these bytes are not state under keys");
    }
    int rest = in.readInt();
    if (rest < 4 || rest > Integer.MAX_VALUE - PART_HEADER - 8) {
      throw new CorruptDataException("a part of state under keys declares " + rest + " bytes");
    }
    return PART_HEADER + rest;
  }

  /** Puts sections one behind the other into parts of half a megabyte. */
  static Iterator<byte[]> parts(Iterator<Section> sections, Runnable atTheEnd) {
    return new Parts(sections, atTheEnd);
  }

  /** One state. */
  interface Section {
    String name();

    byte kind();

    String types();

    Shape shape();

    /** Of which shape its keys are. */
    Shape keys();

    /**
     * Adds the next blocks until the part is full or there are no more.
     *
     * @return whether there are no more
     */
    boolean fill(Part part);
  }

  private static final class Parts implements Iterator<byte[]> {
    private final Iterator<Section> sections;
    private final Runnable atTheEnd;

    /** Where parts are put together, one after the other: it grows but once. */
    private final DataWriter bench = new DataWriter(1 << 12);

    private Section section;
    private boolean over;

    Parts(Iterator<Section> sections, Runnable atTheEnd) {
      this.sections = sections;
      this.atTheEnd = atTheEnd;
    }

    @Override
    public boolean hasNext() {
      boolean more = section != null || sections.hasNext();
      if (!more && !over) {
        over = true;
        atTheEnd.run();
      }
      return more;
    }

    @Override
    public byte[] next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      begin();
      var part = new Part(section.keys(), bench);
      while (section != null && !part.full() && section.keys().equals(part.keys)) {
        part.state(section);
        if (section.fill(part)) {
          section = null;
          begin();
        }
      }
      return part.finish();
    }

    private void begin() {
      if (section == null && sections.hasNext()) {
        section = sections.next();
      }
    }
  }

  /** Some blocks of some states under keys of one shape, with their own beginning and end. */
  static final class Part {
    private final DataWriter out;
    private final Shape keys;
    private int states;
    private int blocks;
    private int blocksAt;

    private Part(Shape keys, DataWriter out) {
      this.keys = keys;
      this.out = out;
      out.reset();
      out.writeInt(MAGIC);
      out.writeInt(0);
      out.writeInt(0);
      keys.write(out);
    }

    boolean full() {
      return fullWith(0);
    }

    /** Whether it will be full with so many more bytes. */
    boolean fullWith(int more) {
      return out.position() + (long) more >= PART_BYTES;
    }

    private void state(Section section) {
      endState();
      states++;
      out.writeString(section.name());
      out.writeByte(section.kind());
      out.writeString(section.types());
      section.shape().write(out);
      blocksAt = out.position();
      out.writeInt(0);
      blocks = 0;
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

    private void endState() {
      if (states > 0) {
        out.patchInt(blocksAt, blocks);
      }
    }

    private byte[] finish() {
      endState();
      out.patchInt(4, out.position() - PART_HEADER);
      out.patchInt(PART_HEADER, states);
      return out.toByteArray();
    }
  }

  private Portable() {}
}
