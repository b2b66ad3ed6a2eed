package io.millrace.runtime.host;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Standard output or standard error of a process, which jobs may print to for months: a file that
 * rolls when it is full. The JVM itself and native code write to the same file by its descriptor,
 * which nobody can turn to another one; so what is full is copied away, and the file is emptied.
 * That needs a descriptor that appends.
 */
public final class RollingOutput extends OutputStream {
  /** As much as a log has before it rolls. */
  private static final long MOST_BYTES = 100L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(RollingOutput.class);

  private final OutputStream out;
  private final Path file;
  private final long mostBytes;
  private long bytes;

  /**
   * @param out appends to the file
   */
  RollingOutput(OutputStream out, Path file, long mostBytes) throws IOException {
    this.out = out;
    this.file = file;
    this.mostBytes = mostBytes;
    this.bytes = Files.size(file);
  }

  /** Has what this process prints roll, into two files that lie beside its log. */
  public static void install(String log) throws IOException {
    if (log != null && log.endsWith(".log")) {
      String name = log.substring(0, log.length() - "log".length());
      System.setOut(printing(FileDescriptor.out, Path.of(name + "out")));
      System.setErr(printing(FileDescriptor.err, Path.of(name + "err")));
    }
  }

  /** The same where standard output and standard error are one file. */
  public static void installTogether(Path file) throws IOException {
    PrintStream both = printing(FileDescriptor.out, file);
    System.setOut(both);
    System.setErr(both);
  }

  private static PrintStream printing(FileDescriptor descriptor, Path file) throws IOException {
    var rolling = new RollingOutput(new FileOutputStream(descriptor), file, MOST_BYTES);
    return new PrintStream(new BufferedOutputStream(rolling), true, Charset.defaultCharset());
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] from, int offset, int length) throws IOException {
    if (bytes > 0 && bytes + length > mostBytes) {
      roll();
    }
    out.write(from, offset, length);
    bytes += length;
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Where there is no room for a copy, it is given up: the disk may be full because of us. */
  private void roll() throws IOException {
    Path copy = file.resolveSibling(file.getFileName() + ".rolling");
    try {
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      // A NodeManager may upload it, and delete it, as soon as it has that name.
      Files.move(
          copy,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{} could not be copied and is emptied: {}", file, e.toString());
    }
    try (var emptied = FileChannel.open(file, StandardOpenOption.WRITE)) {
      emptied.truncate(0);
    }
    bytes = 0;
  }
}
