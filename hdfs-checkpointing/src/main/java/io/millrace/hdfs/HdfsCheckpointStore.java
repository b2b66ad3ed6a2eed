package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checkpoints below a folder of a file system whose rename is atomic: {@code hdfs}, {@code viewfs}
 * onto HDFS, or the local one, where all processes of a job must run on one machine. Safe for use
 * by several threads.
 */
public final class HdfsCheckpointStore implements CheckpointStore {
  private final Path root;
  private final Configuration conf;
  private final ConcurrentHashMap<String, JobFiles> jobs = new ConcurrentHashMap<>();

  /**
   * Asks no server.
   *
   * @param root folder of all jobs; without scheme it lies on the default file system, and so does
   *     {@code hdfs:///folder}, which names no host, if that one is of this scheme
   * @throws UnsupportedFileSystemException if its file system cannot hold checkpoints
   */
  public HdfsCheckpointStore(Path root, Configuration conf) throws IOException {
    Path whole = qualified(root, conf);
    UnsupportedFileSystemException.check(whole);
    this.root = whole;
    this.conf = conf;
  }

  /** The folder of all jobs, with its file system. */
  public String root() {
    return root.toString();
  }

  private static Path qualified(Path path, Configuration conf) throws IOException {
    if (path.toUri().getScheme() == null) {
      return FileContext.getFileContext(conf).makeQualified(path);
    }
    URI standard = FileSystem.getDefaultUri(conf);
    // FileContext, unlike FileSystem, does not fill in the host.
    return path.toUri().getScheme().equals(standard.getScheme())
        ? path.makeQualified(standard, null)
        : path;
  }

  @Override
  public String directoryOf(JobId job) {
    return new Path(root, job.hex()).toString();
  }

  @Override
  public String folder(String named) throws IOException {
    Path whole;
    try {
      whole = qualified(new Path(named), conf);
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + named + "' is no path: " + e.getMessage(), e);
    }
    UnsupportedFileSystemException.check(whole);
    return whole.toString();
  }

  /**
   * @param directory of any job, not only below the root
   */
  @Override
  public DurableNames names(String directory) {
    return files(directory);
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    if (!file.startsWith("data/")) {
      throw new IOException("state files lie below data/, not at " + file);
    }
    files(directory).write(file, parts);
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    byte[] bytes = read(directory, range, range.offset(), range.length());
    int crc = StateBytes.crcOf(bytes);
    if (crc != range.crc32c()) {
      throw damaged(
          directory,
          range,
          String.format("its CRC32C is %08x instead of %08x", crc, range.crc32c()));
    }
    return bytes;
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    return read(directory, range, range.offset() + from, length);
  }

  private byte[] read(String directory, StateBytes.InFile range, long offset, long length)
      throws IOException {
    return undamaged(directory, range, () -> files(directory).read(range.file(), offset, length));
  }

  @Override
  public RangeReader open(String directory, StateBytes.InFile range) throws IOException {
    JobFiles.Reader file = undamaged(directory, range, () -> files(directory).open(range.file()));
    return new RangeReader() {
      @Override
      public byte[] read(long from, int length) throws IOException {
        return undamaged(directory, range, () -> file.read(range.offset() + from, length));
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  private interface Access<T> {
    T get() throws IOException;
  }

  private static <T> T undamaged(String directory, StateBytes.InFile range, Access<T> access)
      throws IOException {
    try {
      return access.get();
    } catch (FileNotFoundException e) {
      throw damaged(directory, range, "there is no such file");
    } catch (JobFiles.DamagedException e) {
      throw damaged(directory, range, e.getMessage());
    }
  }

  private static CorruptStateException damaged(
      String directory, StateBytes.InFile range, String what) {
    return new CorruptStateException(
        String.format(
            "state file %s/%s is damaged at bytes %d to %d: %s",
            directory, range.file(), range.offset(), range.offset() + range.length(), what));
  }

  private JobFiles files(String directory) {
    return jobs.computeIfAbsent(directory, this::open);
  }

  private JobFiles open(String directory) {
    try {
      Path path = new Path(directory);
      Path whole = qualified(path, conf);
      UnsupportedFileSystemException.check(whole);
      return whole.toUri().getScheme().equals("file")
          ? new LocalNames(java.nio.file.Path.of(whole.toUri().getPath()))
          : new HdfsNames(whole, conf);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
