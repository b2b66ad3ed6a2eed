package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
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
    return 10_000;
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
