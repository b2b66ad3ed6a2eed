package io.millrace.hdfs;

import io.millrace.runtime.host.FileOrigin;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Files of any Hadoop file system, by their whole address. */
public final class HdfsOrigin implements FileOrigin {
  private static final String DIRECTORY =
      "it is a directory; register its files one by one, or one archive of them";

  private final Configuration conf;

  public HdfsOrigin(Configuration conf) {
    this.conf = conf;
  }

  @Override
  public InputStream open(String location) throws IOException {
    var path = new Path(location);
    return path.getFileSystem(conf).open(path);
  }

  @Override
  public State state(String location) throws IOException {
    var path = new Path(location);
    FileStatus status = path.getFileSystem(conf).getFileStatus(path);
    if (status.isDirectory()) {
      throw new IOException(DIRECTORY);
    }
    return new State(status.getLen(), status.getModificationTime());
  }

  /** The address in full, wherever it is read later. */
  public String qualified(String location) throws IOException {
    var path = new Path(location);
    return path.getFileSystem(conf).makeQualified(path).toString();
  }
}
