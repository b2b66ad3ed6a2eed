package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskShelfTest {
  private static final JobId JOB = new JobId("00000000000000000000000000000001");
  private static final JobId OTHER_JOB = new JobId("00000000000000000000000000000002");
  private static final String FILE = "data/0001-7-tm-1";
  private static final byte[] BYTES = "state".getBytes(StandardCharsets.UTF_8);

  @TempDir Path disk;
  private DiskShelf first;
  private DiskShelf second;

  @BeforeEach
  void open() {
    first = shelf("tm-1");
    second = shelf("tm-2");
  }

  private DiskShelf shelf(String name) {
    Path shelf = disk.resolve("shelf");
    return new DiskShelf(shelf.resolve(name), List.of(shelf, disk.resolve("another disk")));
  }

  private static void fill(DiskShelf shelf, JobId job) throws IOException {
    shelf.make(job, FILE).write("at-0", List.of(BYTES));
  }

  private static byte[] read(StateFolder folder) {
    try {
      return folder.read("at-0", 0, BYTES.length);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatOneHasTheOtherFinds() throws IOException {
    assertThat(second.ofOthers(JOB, FILE)).isEmpty();
    fill(first, JOB);

    assertThat(second.ofOthers(JOB, FILE).map(DiskShelfTest::read)).contains(BYTES);
    assertThat(second.ofOthers(JOB, FILE + "0")).isEmpty();
    assertThat(second.ofOthers(OTHER_JOB, FILE)).isEmpty();
    assertThat(first.ofOthers(JOB, FILE)).as("not its own").isEmpty();
    assertThatThrownBy(() -> first.make(JOB, FILE)).isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aSecondPlaceOutlivesTheFirst() throws IOException {
    fill(first, JOB);
    StateFolder mine = second.make(JOB, FILE);
    mine.link("at-0", second.ofOthers(JOB, FILE).orElseThrow(), "at-0");
    first.close();
    second.sweep(JOB);

    assertThat(read(mine)).isEqualTo(BYTES);
    assertThat(second.ofOthers(JOB, FILE)).isEmpty();
  }

  @Test
  void onlyWhatTheDeadHaveOfTheJobIsSwept() throws IOException {
    fill(first, JOB);
    fill(first, OTHER_JOB);
    fill(second, JOB);
    second.sweep(JOB);
    assertThat(second.ofOthers(JOB, FILE)).as("of one that lives").isPresent();

    first.close();
    second.sweep(JOB);
    assertThat(second.ofOthers(JOB, FILE)).isEmpty();
    assertThat(second.ofOthers(OTHER_JOB, FILE)).isPresent();
    assertThat(shelf("tm-3").ofOthers(JOB, FILE)).as("its own").isPresent();

    second.sweep(OTHER_JOB);
    try (Stream<Path> left = Files.list(disk.resolve("shelf"))) {
      assertThat(left.map(each -> each.getFileName().toString())).containsExactly("tm-2");
    }
  }

  @Test
  void nobodyElseLooksIntoIt() throws IOException {
    fill(first, JOB);

    assertThat(Files.getPosixFilePermissions(disk.resolve("shelf/tm-1")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  /** Names come out of manifests, which anybody may have written. */
  @Test
  void namesLeadNowhereElse() throws IOException {
    Files.createDirectories(disk.resolve("shelf/tm-1").resolve(JOB.hex()).resolve("sub"));
    for (String name :
        List.of(
            "data/..", "data/../tm-1", "data/sub/x", "/data/x", "data/.x", "data/", "other/x")) {
      assertThatThrownBy(() -> second.make(JOB, name)).isInstanceOf(IOException.class);
      assertThat(second.ofOthers(JOB, name)).as(name).isEmpty();
    }
  }
}
