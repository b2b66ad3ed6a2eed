package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JobFilesOnDiskTest extends JobFilesRules {
  @TempDir static Path folder;

  @Override
  HdfsCheckpointStore store() throws IOException {
    return new HdfsCheckpointStore(
        new org.apache.hadoop.fs.Path(folder.resolve("jobs").toUri()), new Configuration());
  }

  @Override
  int mutations() {
    return 3_000;
  }

  @Override
  void replace(String path, byte[] bytes) throws IOException {
    Path file = Path.of(java.net.URI.create(path).getPath());
    Files.deleteIfExists(file);
    if (bytes != null) {
      Files.write(file, bytes);
    }
  }

  @Test
  void othersCannotRead() throws IOException {
    String directory = store().directoryOf(new JobId("f".repeat(32)));
    store().names(directory).createExclusive("claims/a", new byte[1]);

    Path job = folder.resolve("jobs").resolve("f".repeat(32));
    for (Path path : new Path[] {job, job.resolve("claims")}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwx------");
    }
  }

  /** Whoever opens a pipe waits for somebody who writes into it. */
  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsNotWaitedFor() throws Exception {
    String directory = store().directoryOf(new JobId("d".repeat(32)));
    DurableNames names = store().names(directory);
    names.mkdir("data");
    Path pipe = folder.resolve("jobs").resolve("d".repeat(32)).resolve("data/p");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> names.read("data/p"))
        .isInstanceOf(IOException.class)
        .hasMessage(pipe + " is not a regular file");
    var range = new StateBytes.InFile("data/p", 0, 1, 0);
    assertThatThrownBy(() -> store().readState(directory, range))
        .isInstanceOf(CorruptStateException.class)
        .hasMessageContaining("not a regular file");
  }

  @Test
  void aFullDiskIsNamed() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "a device that is always full");
    try (FileChannel file = FileChannel.open(full, StandardOpenOption.WRITE)) {
      assertThatThrownBy(() -> LocalNames.fill(file, full, List.of(new byte[1])))
          .isInstanceOf(IOException.class)
          .hasMessage("/dev/full: No space left on device");
    }
  }

  @Test
  void aFileIsNoJob() throws Exception {
    Path file = Files.writeString(folder.resolve("plain"), "x");
    assertThatThrownBy(() -> store().names(file.toUri().toString()).list("epochs"))
        .isInstanceOf(IOException.class)
        .hasMessage(file + " is a file, not the folder of a savepoint or job");
  }

  /** A path that a user gave may lead to anything; the memory of a client is small. */
  @Test
  void aSmallFileThatIsHugeIsNotReadIntoMemory() throws IOException {
    String directory = store().directoryOf(new JobId("e".repeat(32)));
    DurableNames names = store().names(directory);
    names.createExclusive("claims/a", new byte[1]);
    Path file = folder.resolve("jobs").resolve("e".repeat(32)).resolve("claims/a");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    assertThatThrownBy(() -> names.read("claims/a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
    Files.delete(file);
  }
}
