package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollingOutputTest {
  private static final int MOST_BYTES = 100;

  @TempDir Path directory;

  @Test
  void keepsWhatIsNewestInTwoFilesOfABoundedSize() throws Exception {
    Path file = Files.createFile(directory.resolve("taskmanager.out"));
    Path rolled = directory.resolve("taskmanager.out.1");
    try (OutputStream appending = new FileOutputStream(file.toFile(), true);
        var out = new RollingOutput(appending, file, MOST_BYTES)) {
      for (int i = 0; i < 1_000; i++) {
        out.write("line %04d\n".formatted(i).getBytes(StandardCharsets.UTF_8));
        assertThat(Files.size(file)).isLessThanOrEqualTo(MOST_BYTES);
      }
      appending.write("by the JVM\n".getBytes(StandardCharsets.UTF_8));
    }

    assertThat(rolled).hasSize(MOST_BYTES);
    assertThat(Files.readString(rolled)).startsWith("line 0980\n").endsWith("line 0989\n");
    assertThat(Files.readString(file)).startsWith("line 0990\n").endsWith("0999\nby the JVM\n");
    assertThat(directory.toFile().list()).hasSize(2);
  }

  @Test
  void staysBoundedWhereThereIsNoRoomForACopy() throws Exception {
    Path file = Files.createFile(directory.resolve("taskmanager.out"));
    Path occupied = Files.createDirectories(directory.resolve("taskmanager.out.rolling/by/others"));
    try (OutputStream appending = new FileOutputStream(file.toFile(), true);
        var out = new RollingOutput(appending, file, MOST_BYTES)) {
      for (int i = 0; i < 1_000; i++) {
        out.write('x');
      }
    }

    assertThat(file).hasSize(MOST_BYTES);
    assertThat(occupied).exists();
  }
}
