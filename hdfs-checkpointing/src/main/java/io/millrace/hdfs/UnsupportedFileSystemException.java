package io.millrace.hdfs;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * A place where checkpoints cannot be kept: it is not on one HDFS namespace or the local disk, so
 * that rename may not be atomic and two writers could both win, or it does not say which namespace.
 */
public final class UnsupportedFileSystemException extends IOException {
  private static final List<String> ACCEPTED = List.of("hdfs", "viewfs", "file");

  private UnsupportedFileSystemException(String message) {
    super(message);
  }

  /**
   * @param path with a scheme
   */
  static void check(Path path) throws UnsupportedFileSystemException {
    String scheme = path.toUri().getScheme();
    if (!ACCEPTED.contains(scheme)) {
      throw new UnsupportedFileSystemException(
          "checkpoints cannot be kept at "
              + path
              + ": renaming on '"
              + scheme
              + "' is not known to be atomic; set execution.checkpointing.dir to a folder on hdfs,"
              + " on viewfs over hdfs, or on the local file system");
    }
    if (scheme.equals("hdfs") && path.toUri().getAuthority() == null) {
      throw new UnsupportedFileSystemException(
          "checkpoints cannot be kept at "
              + path
              + ": it names no NameNode, and fs.defaultFS is no HDFS; write"
              + " hdfs://<host or nameservice>"
              + path.toUri().getPath());
    }
  }

  static UnsupportedFileSystemException behindViewfs(Path path, Path target) {
    return new UnsupportedFileSystemException(
        "checkpoints cannot be kept at "
            + path
            + ": viewfs leads to "
            + target
            + ", which is not one HDFS namespace; set execution.checkpointing.dir to a folder below"
            + " a mount of hdfs");
  }
}
