package io.millrace.connector.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What a path, a directory or a glob stands for. */
final class InputFiles {
  private InputFiles() {}

  /**
   * The files, sorted by path; none for an empty directory.
   *
   * @throws FileNotFoundException if nothing is there
   */
  static List<FileStatus> find(FileSystem files, String path) throws IOException {
    FileStatus[] named = files.globStatus(new Path(path));
    if (named == null || named.length == 0) {
      throw new FileNotFoundException(
          "the input path "
              + path
              + (named == null ? " does not exist" : " matches no file")
              + "; check its name, or put the files there first");
    }
    boolean byName = named.length == 1 && named[0].getPath().equals(new Path(path));
    var found = new ArrayList<FileStatus>();
    for (FileStatus status : named) {
      if (!byName && hidden(status)) {
        continue;
      }
      if (status.isFile()) {
        found.add(status);
        continue;
      }
      for (FileStatus child : files.listStatus(status.getPath())) {
        if (child.isFile() && !hidden(child)) {
          found.add(child);
        }
      }
    }
    found.sort(Comparator.comparing(FileStatus::getPath));
    return found;
  }

  private static boolean hidden(FileStatus status) {
    String name = status.getPath().getName();
    return name.startsWith("_") || name.startsWith(".");
  }
}
