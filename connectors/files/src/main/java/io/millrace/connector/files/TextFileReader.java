package io.millrace.connector.files;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.connector.SourceReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Reads what splits it has by turns: one that had to wait for the end of another would count as
 * quiet meanwhile, and event time could pass what is in it. One that is paused stays open where it
 * stands.
 */
final class TextFileReader implements SourceReader<String, FileSplit> {
  /** Bytes after which a poll returns, however few lines they held. */
  private static final int POLL_BYTES = 1 << 20;

  private static final int GZIP_BUFFER = 64 << 10;

  private final Configuration conf;
  private final int maxLineBytes;
  private final List<Cursor> cursors = new ArrayList<>();
  private final Set<String> paused = new HashSet<>();

  /** A split being read. */
  private static final class Cursor {
    final FileSplit split;

    /** {@code null} while it is not open. */
    LineCutter lines;

    /** Whether a line begins where the cutter stands. */
    boolean aligned;

    Cursor(FileSplit split) {
      this.split = split;
    }

    long position() {
      return lines == null ? split.position() : lines.offset();
    }

    /** What is left of it. */
    FileSplit left() {
      return lines != null && lines.offset() >= split.position()
          ? split.at(lines.offset(), aligned)
          : split;
    }

    void close() throws IOException {
      if (lines != null) {
        lines.close();
        lines = null;
      }
    }
  }

  TextFileReader(Configuration conf, int maxLineBytes) {
    this.conf = conf;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public void add(FileSplit split) {
    cursors.add(new Cursor(split));
  }

  @Override
  public void pauseOrResumeSplits(
      Collection<String> splitsToPause, Collection<String> splitsToResume) {
    paused.addAll(splitsToPause);
    paused.removeAll(splitsToResume);
  }

  @Override
  public Progress poll(ReaderOutput<String> output, int limit, ReadClock clock) throws IOException {
    Cursor cursor = next();
    if (cursor == null) {
      return cursors.isEmpty() ? Progress.NEED_SPLIT : Progress.WAITING;
    }
    FileSplit split = cursor.split;
    boolean ended;
    try {
      if (cursor.lines == null) {
        cursor.lines = open(split);
        cursor.aligned = split.aligned();
      }
      ended = read(cursor, output.createOutputForSplit(split.splitId()), limit);
    } catch (EOFException e) {
      throw failed(cursor, "it ends in the middle of compressed data", e);
    } catch (IOException e) {
      throw failed(cursor, e.getMessage(), e);
    }
    cursors.remove(cursor);
    if (ended) {
      cursor.close();
      output.releaseOutputForSplit(split.splitId());
    } else {
      cursors.add(cursor);
    }
    return cursors.isEmpty() ? Progress.NEED_SPLIT : Progress.MORE;
  }

  /** The first that is not paused, {@code null} if there is none. */
  private Cursor next() {
    for (Cursor cursor : cursors) {
      if (paused.isEmpty() || !paused.contains(cursor.split.splitId())) {
        return cursor;
      }
    }
    return null;
  }

  private static IOException failed(Cursor cursor, String why, IOException cause) {
    return new IOException(
        "cannot read " + cursor.split.path() + " at byte " + cursor.position() + ": " + why, cause);
  }

  /** Whether the split is done. */
  private static boolean read(Cursor cursor, SourceOutput<String> output, int limit)
      throws IOException {
    FileSplit split = cursor.split;
    LineCutter lines = cursor.lines;
    if (lines.offset() < split.position()) {
      lines.skipTo(split.position(), POLL_BYTES); // restored in the middle of compressed text
      if (lines.offset() < split.position()) {
        return false;
      }
    }
    if (!cursor.aligned) {
      cursor.aligned = lines.skipLine(split.end(), POLL_BYTES);
      if (!cursor.aligned) {
        return lines.offset() >= split.end();
      }
    }
    long end = split.end();
    long enough = lines.offset() + POLL_BYTES;
    for (int left = Math.max(1, limit); left > 0 && lines.offset() < enough; left--) {
      String line = lines.offset() < end ? lines.next() : null;
      if (line == null) {
        return true;
      }
      output.collect(line);
    }
    return lines.offset() >= end;
  }

  private LineCutter open(FileSplit split) throws IOException {
    Path path = new Path(split.path());
    FSDataInputStream in = path.getFileSystem(conf).open(path);
    try {
      if (split.isCompressed()) {
        var text = new GZIPInputStream(new KnownLength(in, split.length()), GZIP_BUFFER);
        return new LineCutter(text, 0, Long.MAX_VALUE, maxLineBytes);
      }
      in.seek(split.position());
      return new LineCutter(in, split.position(), split.length(), maxLineBytes);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public List<FileSplit> snapshot() {
    return cursors.stream().map(Cursor::left).toList();
  }

  @Override
  public void close() throws IOException {
    for (Cursor cursor : cursors) {
      cursor.close();
    }
  }

  /**
   * Says truly whether bytes are left. By what a stream says to be available, GZIPInputStream
   * decides whether another compressed part follows; a buffering stream may say 0 too early, and
   * the rest of the file would be lost.
   */
  private static final class KnownLength extends FilterInputStream {
    private long left;

    KnownLength(InputStream in, long length) {
      super(in);
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, from, (int) Math.min(length, left));
      left = read < 0 ? 0 : left - read;
      return read;
    }

    @Override
    public int available() {
      return left > 0 ? 1 : 0;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
