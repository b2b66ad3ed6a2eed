package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.DurableNamesContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class ContractOnHdfsTest extends DurableNamesContract {
  @TempDir static Path folder;
  private static SmallCluster cluster;
  private static int jobs;
  private DurableNames names;

  @BeforeAll
  static void start() throws IOException {
    cluster = new SmallCluster(folder);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void aNewJob() throws IOException {
    names = new HdfsNames(cluster.at("/user/me/job-" + ++jobs), cluster.conf());
  }

  @Override
  protected DurableNames names() {
    return names;
  }

  @Override
  protected boolean isThere() throws IOException {
    return cluster.files().exists(cluster.at("/user/me/job-" + jobs));
  }
}
