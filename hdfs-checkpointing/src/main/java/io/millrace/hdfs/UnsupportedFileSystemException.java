package io.millrace.hdfs;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** A file system whose rename is not known to be atomic, so that two writers could both win. */
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
