package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobFilesOnHdfsTest extends JobFilesRules {
  @TempDir static Path folder;
  private static SmallCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = new SmallCluster(folder);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Override
  HdfsCheckpointStore store() throws IOException {
    return new HdfsCheckpointStore(cluster.at("/user/me/jobs"), cluster.conf());
  }

  @Override
  int mutations() {
    return 100;
  }

  @Override
  void replace(String path, byte[] bytes) throws IOException {
    var file = new org.apache.hadoop.fs.Path(path);
    cluster.files().delete(file, false);
    if (bytes != null) {
      try (var out = cluster.files().create(file, false)) {
        out.write(bytes);
      }
    }
  }

  @Test
  void othersCannotRead() throws IOException {
    String directory = store().directoryOf(new JobId("f".repeat(32)));
    store().names(directory).createExclusive("claims/a", new byte[1]);

    for (String path : new String[] {directory, directory + "/claims"}) {
      var status = cluster.files().getFileStatus(new org.apache.hadoop.fs.Path(path));
      assertThat(status.getPermission().toString()).isEqualTo("rwx------");
    }
  }

  @Test
  void othersCannotReadADirectoryThatIsMadeAgain() throws IOException {
    var store = store();
    String directory = store.directoryOf(new JobId("d".repeat(32)));
    var names = store.names(directory);
    names.createExclusive("tmp/a", new byte[1]);
    names.delete("tmp");
    names.removeDirectory();

    names.createExclusive("tmp/b", new byte[1]);
    var status = cluster.files().getFileStatus(new org.apache.hadoop.fs.Path(directory));
    assertThat(status.getPermission().toString()).isEqualTo("rwx------");
  }

  @Test
  void aPathWithoutSchemeLiesOnTheDefaultFileSystem() throws IOException {
    var store =
        new HdfsCheckpointStore(new org.apache.hadoop.fs.Path("/user/me/jobs"), cluster.conf());
    assertThat(store.directoryOf(new JobId("a".repeat(32))))
        .isEqualTo(cluster.at("/user/me/jobs/" + "a".repeat(32)).toString());
  }

  @Test
  void aPathWithoutHostLiesOnTheDefaultNameNode() throws IOException {
    var conf = cluster.conf();
    var store =
        new HdfsCheckpointStore(new org.apache.hadoop.fs.Path("hdfs:///user/me/jobs"), conf);
    var job = new JobId("c".repeat(32));
    assertThat(store.directoryOf(job))
        .isEqualTo(cluster.at("/user/me/jobs/" + job.hex()).toString());

    store.names(store.directoryOf(job)).createExclusive("tmp/a", new byte[3]);
    assertThat(store.names("hdfs:///user/me/jobs/" + job.hex()).read("tmp/a")).hasSize(3);
  }

  @Test
  void aPathWithoutHostIsRefusedWhereTheDefaultIsNoHdfs() {
    assertThatThrownBy(
            () ->
                new HdfsCheckpointStore(
                    new org.apache.hadoop.fs.Path("hdfs:///jobs"), new Configuration(false)))
        .isInstanceOf(UnsupportedFileSystemException.class)
        .hasMessageContaining("hdfs:/jobs")
        .hasMessageContaining("hdfs://<host or nameservice>/jobs");
  }

  @Test
  void viewfsMustLeadToHdfs() throws IOException {
    var conf = new Configuration(cluster.conf());
    conf.set("fs.viewfs.mounttable.view.link./good", cluster.at("/view").toString());
    conf.set("fs.viewfs.mounttable.view.link./bad", folder.toUri().toString());
    cluster.files().mkdirs(new org.apache.hadoop.fs.Path("/view"));
    var good = new HdfsCheckpointStore(new org.apache.hadoop.fs.Path("viewfs://view/good/j"), conf);
    var bad = new HdfsCheckpointStore(new org.apache.hadoop.fs.Path("viewfs://view/bad/j"), conf);
    var job = new JobId("b".repeat(32));

    var names = good.names(good.directoryOf(job));
    names.createExclusive("tmp/a", new byte[3]);
    names.mkdir("epochs/1");
    names.rename("tmp/a", "epochs/1/a");
    assertThat(names.read("epochs/1/a")).hasSize(3);
    assertThatThrownBy(() -> bad.names(bad.directoryOf(job)).createExclusive("tmp/a", new byte[1]))
        .isInstanceOf(UnsupportedFileSystemException.class)
        .hasMessageContaining("viewfs://view/bad")
        .hasMessageContaining("execution.checkpointing.dir");
  }

  @Test
  void othersAreRefusedByName() {
    assertThatThrownBy(
            () ->
                new HdfsCheckpointStore(
                    new org.apache.hadoop.fs.Path("s3a://bucket/jobs"), new Configuration()))
        .isInstanceOf(UnsupportedFileSystemException.class)
        .hasMessageContaining("s3a://bucket/jobs")
        .hasMessageContaining("'s3a'")
        .hasMessageContaining("execution.checkpointing.dir");
  }
}
