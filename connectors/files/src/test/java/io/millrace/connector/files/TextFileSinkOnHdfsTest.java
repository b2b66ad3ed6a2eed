package io.millrace.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileSinkOnHdfsTest extends TextFileSinkRules {
  @TempDir static java.nio.file.Path folder;
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
  FileSystem files() throws IOException {
    return cluster.files();
  }

  @Override
  Path base() throws IOException {
    return new Path(cluster.files().getUri() + "/user/me");
  }

  @Test
  void readsAFileOfManyBlocksInSplits() throws Exception {
    Path file = new Path(base(), "many-blocks.txt");
    var expected = new java.util.ArrayList<String>();
    try (var out = cluster.files().create(file)) {
      for (int i = 0; i < 20_000; i++) {
        expected.add("line " + i + " ü".repeat(i % 30));
        out.write((expected.get(i) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    assertThat(Reading.all(new TextFileSource(file.toString(), 30_000))).isEqualTo(expected);
  }
}
