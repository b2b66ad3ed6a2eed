package io.millrace.it.hadoop;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.security.UserGroupInformation;

/** A NameNode and a DataNode. Each may be stopped, and started anew on what it has stored. */
final class HdfsDaemons {
  private final DaemonSettings settings;
  private NameNode nameNode;
  private DataNode dataNode;
  private String fileSystem = "hdfs://" + DaemonSettings.ANY_PORT;

  HdfsDaemons(DaemonSettings settings) {
    this.settings = settings;
  }

  /** Its address. */
  String fileSystem() {
    return fileSystem;
  }

  void start() throws IOException {
    NameNode.format(configuration());
    startNameNode();
    startDataNode();
    try (FileSystem files = FileSystem.newInstance(URI.create(fileSystem), configuration())) {
      FsPermission everybody = new FsPermission((short) 01777);
      makeDirectory(files, "/tmp", everybody);
      makeDirectory(files, "/tmp/logs", everybody);
      makeDirectory(
          files,
          "/user/" + UserGroupInformation.getCurrentUser().getShortUserName(),
          new FsPermission((short) 0755));
    }
  }

  /** A mkdirs alone would apply the umask. */
  private static void makeDirectory(FileSystem files, String path, FsPermission permission)
      throws IOException {
    var directory = new Path(path);
    files.mkdirs(directory);
    files.setPermission(directory, permission);
  }

  /** Where it listened before, if it did. */
  void startNameNode() throws IOException {
    nameNode = NameNode.createNameNode(new String[0], configuration());
    fileSystem = "hdfs://" + DaemonSettings.HOST + ":" + nameNode.getNameNodeAddress().getPort();
  }

  void stopNameNode() {
    nameNode.stop();
    nameNode.join();
  }

  void startDataNode() throws IOException {
    dataNode = DataNode.createDataNode(new String[0], configuration());
    while (!dataNode.isDatanodeFullyStarted()) {
      EmbeddedHadoop.pause();
    }
  }

  void stopDataNode() {
    dataNode.shutdown();
  }

  private Configuration configuration() {
    Configuration conf = settings.configuration(settings.common(), settings.hdfs());
    conf.set("fs.defaultFS", fileSystem);
    return conf;
  }
}
