package io.millrace.connector.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/** How this process reaches Hadoop: by the configuration files on its classpath. */
final class Hadoop {
  private Hadoop() {}

  /** Parsed when first needed, which takes tens of milliseconds; nobody changes it afterwards. */
  private static final class OfTheProcess {
    static final Configuration CONFIGURATION = read();
  }

  static Configuration configuration() {
    return OfTheProcess.CONFIGURATION;
  }

  private static Configuration read() {
    var conf = new Configuration();
    conf.setClassLoader(Hadoop.class.getClassLoader());
    // A close asks the NameNode whether the last block has been reported; told "not yet", it would
    // wait 400 ms before it asks again, and a checkpoint with it.
    conf.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    conf.setInt("dfs.client.block.write.locateFollowingBlock.retries", 11);
    // On a disk of this machine: no checksum files, which would appear and move beside the output.
    conf.set("fs.AbstractFileSystem.file.impl", "org.apache.hadoop.fs.local.RawLocalFs");
    return conf;
  }

  /** For checks at submission, where a person waits: gives up within about ten seconds. */
  static Configuration impatient() {
    var conf = new Configuration(configuration());
    conf.setInt("ipc.client.connect.timeout", 3_000);
    conf.setInt("ipc.client.connect.max.retries", 1);
    conf.setInt("ipc.client.connect.max.retries.on.timeouts", 1);
    conf.setInt("ipc.client.connect.retry.interval", 500);
    conf.setInt("ipc.client.rpc-timeout.ms", 8_000);
    conf.setInt("dfs.client.failover.max.attempts", 2);
    conf.setInt("dfs.client.failover.sleep.base.millis", 200);
    conf.setInt("dfs.client.failover.sleep.max.millis", 500);
    return conf;
  }

  /**
   * The file system of a path, for the caller to close.
   *
   * @throws UnsupportedFileSystemException if this JVM has none for its scheme, with what to do
   */
  static FileSystem open(Path path, Configuration conf) throws IOException {
    try {
      return FileSystem.newInstance(path.toUri(), conf);
    } catch (UnsupportedFileSystemException e) {
      throw missing(path, e);
    } catch (RuntimeException e) {
      if (e.getCause() instanceof ClassNotFoundException) {
        throw missing(path, e); // Hadoop knows the name of the class
      }
      throw e;
    }
  }

  private static UnsupportedFileSystemException missing(Path path, Exception cause) {
    var failure =
        new UnsupportedFileSystemException(
            path
                + " cannot be opened: no jar on the class path brings the file system '"
                + path.toUri().getScheme()
                + "'; add it (for s3a hadoop-aws and its SDK) to HADOOP_CLASSPATH here and to"
                + " Hadoop's class path on the cluster, or correct the path");
    failure.initCause(cause);
    return failure;
  }

  /**
   * The path with scheme and host, so that it means the same in every process. Asks no server.
   *
   * @throws IllegalArgumentException if it is no path
   */
  static String qualified(String path) {
    Path given;
    try {
      given = new Path(path);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + path + "' is not a path: " + e.getMessage(), e);
    }
    Configuration conf = configuration();
    URI standard = FileSystem.getDefaultUri(conf);
    String scheme = given.toUri().getScheme();
    if (scheme != null) {
      // hdfs:///path means the default NameNode; not every class of Hadoop fills it in.
      boolean hostMissing = given.toUri().getAuthority() == null;
      return hostMissing && scheme.equals(standard.getScheme())
          ? given.makeQualified(standard, null).toString()
          : given.toString();
    }
    try {
      return given.isAbsolute()
          ? given.makeQualified(standard, null).toString()
          : FileSystem.get(conf).makeQualified(given).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot tell where '"
              + path
              + "' lies: the default file system "
              + standard
              + " cannot be opened ("
              + e.getMessage()
              + "); check fs.defaultFS or give the whole path",
          e);
    }
  }
}
