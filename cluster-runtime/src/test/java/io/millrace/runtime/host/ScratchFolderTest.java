package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.runtime.task.LocalDisk.Scratch;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
  @TempDir Path parent;

  /** Files below the folder that this process has open, with a name or without. */
  private List<String> open() throws IOException {
    var links = new ArrayList<String>();
    for (File link : new File("/proc/self/fd").listFiles()) {
      try {
        links.add(Files.readSymbolicLink(link.toPath()).toString());
      } catch (NoSuchFileException e) {
        // Somebody has closed it meanwhile.
      }
    }
    Path real = parent.toRealPath();
    links.removeIf(link -> !link.startsWith(real + "/"));
    return links;
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    var folder = new ScratchFolder(parent.resolve("overflow"));
    Scratch file = folder.create("task");
    byte[] bytes = new byte[100_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    file.write(0, bytes, bytes.length);
    file.write(100_000, new byte[] {1, 2, 3, 4}, 3);
    byte[] tail = new byte[4];
    file.read(99_999, tail);
    assertThat(tail).containsExactly(bytes[99_999], 1, 2, 3);
    assertThatThrownBy(() -> file.read(100_000, tail))
        .hasMessageContaining(file.place())
        .hasMessageContaining("it has 100003 bytes, expected 100004");
    file.close();
  }

  @Test
  void anInterruptedThreadCanGoOnUsingIt() throws IOException {
    Scratch file = new ScratchFolder(parent).create("task");
    Thread.currentThread().interrupt();
    file.write(0, new byte[] {5}, 1);
    byte[] read = new byte[1];
    file.read(0, read);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(read).containsExactly(5);
    file.close();
  }

  @Test
  void leavesNothingBehindButAFolderOfItsOwn() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
    Path path = parent.resolve("overflow");
    var folder = new ScratchFolder(path);
    assertThat(path).doesNotExist();
    Scratch file = folder.create("task");
    file.write(0, new byte[10], 10);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rwx------");
    // It has no name any more: if this process died now, nothing of it would be left.
    assertThat(path).isEmptyDirectory();
    assertThat(open()).hasSize(1);

    file.close();
    assertThat(open()).isEmpty();
  }

  @Test
  void aFullDiskIsNamed() throws IOException {
    var full = new File("/dev/full");
    assumeTrue(full.exists());
    var file = new ScratchFolder.ScratchFile(full);
    assertThatThrownBy(() -> file.write(0, new byte[10], 10))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("/dev/full: No space left on device \\(\\d+ bytes are free there\\)");
    file.close();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(parent.resolve("file"), "in the way");
    assertThatThrownBy(() -> new ScratchFolder(file.resolve("overflow")).create("task"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + "/overflow: ")
        .hasMessageContaining("bytes are free there");
  }
}
