package io.millrace.hdfs;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A NameNode and a DataNode in this JVM. */
final class SmallCluster implements AutoCloseable {
  private final MiniDFSCluster dfs;

  SmallCluster(Path folder) throws IOException {
    var conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    conf.setInt("dfs.namenode.fs-limits.min-block-size", 1024);
    conf.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    dfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    dfs.waitActive();
  }

  Configuration conf() throws IOException {
    return dfs.getConfiguration(0);
  }

  org.apache.hadoop.fs.Path at(String path) throws IOException {
    return new org.apache.hadoop.fs.Path(dfs.getFileSystem().getUri() + path);
  }

  org.apache.hadoop.fs.FileSystem files() throws IOException {
    return dfs.getFileSystem();
  }

  @Override
  public void close() {
    dfs.shutdown(true);
  }
}
