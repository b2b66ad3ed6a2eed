package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Adds up the CRC32C of bytes that come in parts: of all of them, and of each chunk. */
public final class Sums {
  /** Bytes of a chunk; the last one may be shorter. */
  public static final int CHUNK = 4 << 20;

  private final CRC32C all = new CRC32C();
  private final CRC32C chunk = new CRC32C();
  private final List<Integer> complete = new ArrayList<>();
  private int inChunk;

  /** How many chunks so many bytes are; at least one. */
  static long count(long length) {
    return length <= CHUNK ? 1 : (length - 1) / CHUNK + 1;
  }

  public void add(byte[] part) {
    all.update(part);
    for (int at = 0; at < part.length; ) {
      if (inChunk == CHUNK) {
        complete.add((int) chunk.getValue());
        chunk.reset();
        inChunk = 0;
      }
      int count = Math.min(part.length - at, CHUNK - inChunk);
      chunk.update(part, at, count);
      inChunk += count;
      at += count;
    }
  }

  public int ofAll() {
    return (int) all.getValue();
  }

  public List<Integer> ofChunks() {
    var sums = new ArrayList<>(complete);
    sums.add((int) chunk.getValue());
    return sums;
  }
}
