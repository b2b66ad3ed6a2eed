package io.millrace.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.FileConnector;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a program in this JVM brings along from another file system. */
class HadoopFilesTest {
  private final FileConnector files = ExecutionDoor.files();

  @TempDir Path folder;

  @Test
  void aFileIsReadWhereItLies() throws Exception {
    Path file = Files.writeString(folder.resolve("words.txt"), "to be");
    String uri = file.toUri().toString();

    assertThat(files.open(uri)).hasContent("to be");
    assertThat(files.facts(uri))
        .isEqualTo(new FileConnector.Facts(5, Files.getLastModifiedTime(file).toMillis()));
  }

  @Test
  void whatIsNoFileIsRefused() {
    String none = folder.resolve("none").toUri().toString();
    assertThatThrownBy(() -> files.facts(none)).isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> files.open(none)).isInstanceOf(FileNotFoundException.class);
    assertThatThrownBy(() -> files.facts(folder.toUri().toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a directory; register its files one by one");
  }
}
