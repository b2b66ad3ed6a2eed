package io.millrace.connector.files;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.connector.SourceReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** Reads splits one after the other, the first of its queue being open. */
final class TextFileReader implements SourceReader<String, FileSplit> {
  /** Bytes after which a poll returns, however few lines they held. */
  private static final int POLL_BYTES = 1 << 20;

  private static final int GZIP_BUFFER = 64 << 10;

  private final Configuration conf;
  private final int maxLineBytes;
  private final ArrayDeque<FileSplit> splits = new ArrayDeque<>();

  /** Of the first split; {@code null} while it is not open. */
  private LineCutter lines;

  /** Of the open split: whether a line begins where the cutter stands. */
  private boolean aligned;

  TextFileReader(Configuration conf, int maxLineBytes) {
    this.conf = conf;
    this.maxLineBytes = maxLineBytes;
  }

  @Override
  public void add(FileSplit split) {
    splits.add(split);
  }

  @Override
  public Progress poll(ReaderOutput<String> output, int limit, ReadClock clock) throws IOException {
    FileSplit split = splits.peek();
    if (split == null) {
      return Progress.NEED_SPLIT;
    }
    boolean ended;
    try {
      if (lines == null) {
        lines = open(split);
        aligned = split.aligned();
      }
      ended = read(split, output.createOutputForSplit(split.splitId()), limit);
    } catch (EOFException e) {
      throw failed(split, "it ends in the middle of compressed data", e);
    } catch (IOException e) {
      throw failed(split, e.getMessage(), e);
    }
    if (ended) {
      close();
      splits.remove();
      output.releaseOutputForSplit(split.splitId());
    }
    return splits.isEmpty() ? Progress.NEED_SPLIT : Progress.MORE;
  }

  private IOException failed(FileSplit split, String why, IOException cause) {
    long position = lines == null ? split.position() : lines.offset();
    return new IOException(
        "cannot read " + split.path() + " at byte " + position + ": " + why, cause);
  }

  /** Whether the split is done. */
  private boolean read(FileSplit split, SourceOutput<String> output, int limit) throws IOException {
    if (lines.offset() < split.position()) {
      lines.skipTo(split.position(), POLL_BYTES); // restored in the middle of compressed text
      if (lines.offset() < split.position()) {
        return false;
      }
    }
    if (!aligned) {
      aligned = lines.skipLine(split.end(), POLL_BYTES);
      if (!aligned) {
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
    var left = new ArrayList<>(splits);
    if (lines != null && lines.offset() >= splits.element().position()) {
      left.set(0, splits.element().at(lines.offset(), aligned));
    }
    return left;
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
      lines = null;
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
