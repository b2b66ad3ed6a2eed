package io.millrace.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink.WriterContext;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
    var expected = new ArrayList<String>();
    try (var out = cluster.files().create(file)) {
      for (int i = 0; i < 20_000; i++) {
        expected.add("line " + i + " ü".repeat(i % 30));
        out.write((expected.get(i) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    assertThat(Reading.all(new TextFileSource(file.toString(), 30_000))).isEqualTo(expected);
  }

  @Test
  void whatCannotBeWrittenForNowWaitsInMemory() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    var expected = new ArrayList<String>();
    var flushes = new ArrayList<Callable<List<byte[]>>>();
    cluster.safeMode(true);
    try {
      for (int checkpoint = 1; checkpoint <= 3; checkpoint++) {
        // The second one is more than waits without need.
        for (int i = 0; i < (checkpoint == 2 ? 40_000 : 10); i++) {
          expected.add(checkpoint + " line " + i + " " + "x".repeat(50));
          writer.write(expected.get(expected.size() - 1), 0);
        }
        flushes.add(writer.prepare(checkpoint));
        for (var flush : flushes) {
          assertThatThrownBy(flush::call)
              .isInstanceOf(RetryLaterException.class)
              .hasMessageContaining("cannot write to " + out);
        }
      }
    } finally {
      cluster.safeMode(false);
    }
    for (var flush : flushes) {
      sink.commit(SCOPE, flush.call());
    }
    assertThat(visible()).containsExactlyElementsOf(expected);
    writer.close();
    sink.settle(SCOPE, true);
    assertThat(names()).filteredOn(name -> name.startsWith("part-")).hasSize(3);
    assertThat(names()).doesNotContain("_millrace");
  }

  private record Flush(int checkpoint, Callable<List<byte[]>> work) {}

  /** As the engine asks: what has failed is taken back before the next cut. */
  @Test
  void anOutageOfManyCheckpointsLeavesFewFiles() throws Exception {
    sink.acquire(SCOPE);
    var writer = writer();
    var expected = new ArrayList<String>();
    writer.write("before", 0);
    expected.add("before");
    Callable<List<byte[]>> before = writer.prepare(1);
    sink.commit(SCOPE, before.call());
    var left = new ArrayDeque<Flush>();
    cluster.safeMode(true);
    try {
      for (int checkpoint = 2; checkpoint <= 40; checkpoint++) {
        // One of them is more than is merged, and some have nothing.
        int lines = checkpoint == 20 ? 40_000 : checkpoint % 4;
        for (int i = 0; i < lines; i++) {
          expected.add(checkpoint + " line " + i + " " + "x".repeat(50));
          writer.write(expected.get(expected.size() - 1), 0);
        }
        var flush = new Flush(checkpoint, writer.prepare(checkpoint));
        left.add(flush);
        if (lines > 0) {
          assertThatThrownBy(flush.work()::call).isInstanceOf(RetryLaterException.class);
        }
        while (!left.isEmpty() && writer.recall(left.getLast().checkpoint())) {
          left.removeLast();
        }
      }
    } finally {
      cluster.safeMode(false);
    }
    assertThat(left).extracting(Flush::checkpoint).containsExactly(20);
    left.add(new Flush(41, writer.prepare(41)));
    for (Flush flush : left) {
      List<byte[]> files = flush.work().call();
      assertThat(files).hasSize(1);
      sink.commit(SCOPE, files);
    }
    assertThat(visible()).containsExactlyElementsOf(expected);
    writer.close();
    sink.settle(SCOPE, true);
    assertThat(names()).filteredOn(name -> name.startsWith("part-")).hasSize(3);
  }

  @Test
  void whoHasCutMoreThanMayWaitWaitsForTheStorage() throws Exception {
    writesThroughAnOutage(30_000, 1_500, 2 << 20);
  }

  @Test
  void whoWritesMoreThanOnePartMayHoldWaitsForTheStorage() throws Exception {
    writesThroughAnOutage(100_000, 1_000_000, Long.MAX_VALUE);
  }

  /**
   * The storage comes back once somebody has waited for it three times.
   *
   * @param lines of a hundred bytes
   */
  private void writesThroughAnOutage(int lines, int linesOfAPart, long mostWaiting)
      throws Exception {
    sink.acquire(SCOPE);
    int[] pauses = {0};
    var writer =
        new TextFileWriter(
            new OutputDirectory(out.toString(), cluster.files().getConf()),
            new WriterContext(SCOPE, 0, 1, "attempt-1"),
            () -> cluster.safeMode(++pauses[0] < 3),
            mostWaiting);
    var flushes = new ArrayList<Callable<List<byte[]>>>();
    cluster.safeMode(true);
    for (int i = 1; i <= lines; i++) {
      writer.write("x".repeat(92) + i, 0);
      if (i % linesOfAPart == 0) {
        flushes.add(writer.prepare(i));
      }
    }
    assertThat(pauses[0]).isEqualTo(3);

    flushes.add(writer.prepare(1_000_001));
    for (var flush : flushes) {
      sink.commit(SCOPE, flush.call());
    }
    assertThat(visible()).hasSize(lines).doesNotHaveDuplicates();
    writer.close();
    sink.settle(SCOPE, true);
  }
}
