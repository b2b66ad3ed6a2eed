package io.millrace.connector.files;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A NameNode and a DataNode in this JVM. */
final class SmallCluster implements AutoCloseable {
  private final MiniDFSCluster dfs;

  SmallCluster(Path folder) throws IOException {
    var conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    conf.setInt("dfs.namenode.fs-limits.min-block-size", 1024);
    conf.setInt("dfs.blocksize", 64 << 10);
    dfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    dfs.waitActive();
  }

  FileSystem files() throws IOException {
    return dfs.getFileSystem();
  }

  /** Lets nothing be written. */
  void safeMode(boolean on) throws IOException {
    dfs.getFileSystem().setSafeMode(on ? SafeModeAction.ENTER : SafeModeAction.LEAVE);
  }

  @Override
  public void close() {
    dfs.shutdown(true);
  }
}
