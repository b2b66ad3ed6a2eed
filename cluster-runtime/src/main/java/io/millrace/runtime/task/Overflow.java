package io.millrace.runtime.task;

import io.millrace.api.config.JobSettings;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.BatchBytes;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InFlight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Where elements are while they wait for credit in front of the gates of a task: in memory up to a
 * limit, beyond it on local disk. The order is the gates' business; they hold the pieces.
 *
 * <p>One batch is kept for nothing: every task that meets back-pressure has one, so it is neither
 * measured nor written. The size of the others is estimated from a few of their records. The file
 * only grows; it goes when nothing is left in it, which comes soon, as a task takes no input
 * before.
 */
final class Overflow {
  /** A batch is written in pieces of about this size, so that it comes back in such. */
  private static final int PIECE_BYTES = 64 << 10;

  private static final int SAMPLES = 4;

  /** What an object and its places in a batch take beyond its content, roughly. */
  private static final int RECORD_OVERHEAD = 40;

  /** Taken for the content of a record that cannot be measured. */
  private static final int GUESSED_BYTES = 100;

  private final LocalDisk disk;
  private final String name;
  private final long limit;
  private final ClassLoader loader;
  private DataWriter out = new DataWriter();

  private int batchesHeld;
  private long bytesHeld;

  /** Where pieces go; {@code null} while none is on disk. */
  private Spill spill;

  /** Of which nothing waits any more, and which a checkpoint is yet to read. */
  private final List<Spill> pinned = new ArrayList<>();

  /**
   * @param name of the task, safe in a file name
   * @param limit bytes that may wait in memory
   * @param loader resolves classes named in dynamic records
   */
  Overflow(LocalDisk disk, String name, long limit, ClassLoader loader) {
    this.disk = disk;
    this.name = name;
    this.limit = limit;
    this.loader = loader;
  }

  /** A file, as long as something in it waits or is wanted for a checkpoint. */
  private static final class Spill {
    final LocalDisk.Scratch file;
    final List<Pin> pins = new ArrayList<>();
    long end;
    int pieces;

    Spill(LocalDisk.Scratch file) {
      this.file = file;
    }

    boolean isPinned() {
      pins.removeIf(pin -> pin.released);
      return !pins.isEmpty();
    }
  }

  /** Keeps what is on disk readable for a checkpoint's writer, who may release it on any thread. */
  static final class Pin {
    private volatile boolean released;

    void release() {
      released = true;
    }
  }

  /** Something that waits in one gate or, as broadcasts do, in several. */
  static final class Piece {
    /** {@code null} while it is on disk. */
    private final Element element;

    /** Estimated; on disk, exactly. */
    private final long bytes;

    private final Spill spill;
    private final long position;
    private final int crc32c;
    private int gates;

    private Piece(Element element, long bytes) {
      this(element, bytes, null, 0, 0);
    }

    private Piece(Element element, long bytes, Spill spill, long position, int crc32c) {
      this.element = element;
      this.bytes = bytes;
      this.spill = spill;
      this.position = position;
      this.crc32c = crc32c;
    }

    boolean isBarrierOf(long checkpoint) {
      return element instanceof Element.Barrier barrier && barrier.checkpoint() == checkpoint;
    }

    boolean isControl() {
      return element instanceof Element.Control;
    }

    /** Each gate that takes it says so, and asks for it once. */
    Piece shared() {
      gates++;
      return this;
    }
  }

  /**
   * Finds a place for an element.
   *
   * @param records serializer of what batches hold; not needed for control elements
   * @return what has to wait, in this order: a batch may have become several
   */
  List<Piece> keep(Element element, Serializer<Object> records) {
    if (!(element instanceof Batch batch)) {
      return List.of(new Piece(element, 0));
    }
    if (batchesHeld == 0) {
      return hold(batch, 0);
    }
    long bytes = estimate(batch, records);
    return bytesHeld + bytes <= limit ? hold(batch, bytes) : spill(batch, records);
  }

  /** Hands an element to one of the gates in which it waits. */
  Element take(Piece piece, Serializer<Object> records) {
    Element element = piece.element == null ? read(piece, records) : piece.element;
    if (--piece.gates == 0) {
      forget(piece);
    }
    return element;
  }

  /**
   * A piece that a barrier overtakes; it goes on waiting. {@code null} if no checkpoint keeps it.
   */
  InFlight inFlight(Piece piece, Serializer<Object> records) {
    if (piece.element != null) {
      return InFlight.of(piece.element, records);
    }
    return out -> {
      byte[] bytes = new byte[(int) piece.bytes];
      piece.spill.file.read(piece.position, bytes);
      if (crcOf(bytes, bytes.length) != piece.crc32c) {
        throw new IOException(damaged(piece));
      }
      InFlight.bytes(bytes, 0, bytes.length).write(out);
    };
  }

  /** What is on disk now stays there until the pin is released, or the task ends. */
  Pin pin() {
    var pin = new Pin();
    if (spill != null) {
      spill.pins.add(pin);
    }
    return pin;
  }

  /** Gives back the room of files that nobody wants any more. */
  void sweep() {
    for (int i = pinned.size() - 1; i >= 0; i--) {
      if (!pinned.get(i).isPinned()) {
        pinned.remove(i).file.close();
      }
    }
  }

  /** Bytes that wait in memory, by estimate; the one batch is not counted. */
  long bytesHeld() {
    return bytesHeld;
  }

  long bytesOnDisk() {
    return spill == null ? 0 : spill.end;
  }

  /** Gives up everything that still waits. */
  void close() {
    if (spill != null) {
      spill.file.close();
      spill = null;
    }
    pinned.forEach(each -> each.file.close());
    pinned.clear();
    batchesHeld = 0;
    bytesHeld = 0;
  }

  private List<Piece> hold(Batch batch, long bytes) {
    batchesHeld++;
    bytesHeld += bytes;
    return List.of(new Piece(batch, bytes));
  }

  /** Objects are larger than their bytes; twice as large is near enough for a limit. */
  private long estimate(Batch batch, Serializer<Object> records) {
    int every = Math.max(1, batch.size() / SAMPLES);
    int samples = 0;
    out.reset();
    try {
      for (int i = 0; i < batch.size(); i += every) {
        records.write(batch.value(i), out);
        samples++;
      }
    } catch (RuntimeException | Error e) {
      if (e instanceof Error error && OperatorFailedException.fatal(error)) {
        throw error;
      }
      // As long as it fits in memory nobody needs its bytes.
      return (long) batch.size() * (GUESSED_BYTES + RECORD_OVERHEAD);
    }
    long content = 2L * out.position() / samples;
    shrink();
    return batch.size() * (content + RECORD_OVERHEAD);
  }

  private List<Piece> spill(Batch batch, Serializer<Object> records) {
    var pieces = new ArrayList<Piece>(1);
    int next = 0;
    while (next < batch.size()) {
      out.reset();
      out.writeInt(0);
      int first = next;
      long before = 0;
      while (next < batch.size() && out.position() < PIECE_BYTES) {
        BatchBytes.write(batch, next, before, records, out);
        before = batch.timestamp(next++);
      }
      out.patchInt(0, next - first);
      pieces.add(write());
    }
    shrink();
    return pieces;
  }

  private Piece write() {
    int length = out.position();
    try {
      if (spill == null) {
        spill = new Spill(disk.create(name));
      }
      spill.file.write(spill.end, out.array(), length);
    } catch (IOException e) {
      throw new OverflowFailedException(
          "what waits for the consumers is more than "
              + JobSettings.OVERFLOW_MEMORY.key()
              + " ("
              + limit
              + " bytes) and could not go to local disk: "
              + e.getMessage()
              + "; make room there or raise that setting",
          e);
    }
    var piece = new Piece(null, length, spill, spill.end, crcOf(out.array(), length));
    spill.end += length;
    spill.pieces++;
    return piece;
  }

  private Batch read(Piece piece, Serializer<Object> records) {
    byte[] bytes = new byte[(int) piece.bytes];
    try {
      piece.spill.file.read(piece.position, bytes);
    } catch (IOException e) {
      throw new OverflowFailedException(
          "what waits for the consumers does not come back from local disk: " + e.getMessage(), e);
    }
    if (crcOf(bytes, bytes.length) != piece.crc32c) {
      throw new OverflowFailedException(damaged(piece), null);
    }
    return BatchBytes.read(new DataReader(bytes, loader), records);
  }

  private static String damaged(Piece piece) {
    return "what waits for the consumers was damaged on local disk: the CRC32C of "
        + piece.bytes
        + " bytes at "
        + piece.position
        + " of "
        + piece.spill.file.place()
        + " does not match";
  }

  private void forget(Piece piece) {
    if (piece.element == null) {
      if (--spill.pieces == 0) {
        pinned.add(spill);
        spill = null;
        sweep();
      }
    } else if (piece.element instanceof Batch) {
      batchesHeld--;
      bytesHeld -= piece.bytes;
    }
  }

  /** One large record must not cost its size in memory as long as the task lives. */
  private void shrink() {
    if (out.array().length > 4 * PIECE_BYTES) {
      out = new DataWriter();
    }
  }

  private static int crcOf(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
