package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
  private static final int PROCESSES = 3;
  private static final int ROUNDS = 2_000;

  @TempDir Path folder;

  private Path directory() {
    return folder.resolve("job");
  }

  private Path file() {
    return directory().resolve(DirectoryLock.NAME);
  }

  @Test
  void leavesNothingBehind() throws IOException {
    var lock = new DirectoryLock(directory());
    assertThatThrownBy(() -> lock.within(() -> "never")).isInstanceOf(NoSuchFileException.class);
    lock.removeDirectory();
    assertThat(directory()).doesNotExist();

    assertThat(lock.<String>making(() -> "made")).isEqualTo("made");
    assertThat(file()).isEmptyFile();
    lock.removeDirectory();
    assertThat(directory()).doesNotExist();
  }

  @Test
  void leavesOnlyWhatIsNotIts() throws IOException {
    var lock = new DirectoryLock(directory());
    lock.making(() -> Files.writeString(directory().resolve("notes"), "mine"));

    lock.removeDirectory();
    assertThat(directory()).isDirectoryContaining("glob:**notes");
    assertThat(file()).doesNotExist();
    assertThat(lock.<String>within(() -> "goes on")).isEqualTo("goes on");
  }

  @Test
  void leavesADirectoryThatAUserHasLinkedTo() throws IOException {
    Path link = folder.resolve("link");
    Files.createDirectory(directory());
    Files.createSymbolicLink(link, directory());

    new DirectoryLock(link).removeDirectory();
    assertThat(link).isSymbolicLink().isEmptyDirectory();
  }

  @Test
  void makesNoDirectoryInThePlaceOfAFile() throws IOException {
    Files.writeString(directory(), "a user's");

    var lock = new DirectoryLock(directory());
    assertThatThrownBy(() -> lock.making(() -> "never")).isInstanceOf(IOException.class);
    assertThatThrownBy(lock::removeDirectory).isInstanceOf(IOException.class);
    assertThat(directory()).hasContent("a user's");
  }

  @Test
  void goesOnAfterOneThatDiedInTheMidstOfRemoving() throws IOException {
    var lock = new DirectoryLock(directory());
    Files.createDirectory(directory());
    Files.writeString(file(), "0".repeat(36));

    assertThat(lock.<String>within(() -> "goes on")).isEqualTo("goes on");
    assertThat(file()).isEmptyFile();
    Files.writeString(file(), "0".repeat(36));
    lock.removeDirectory();
    assertThat(directory()).doesNotExist();
  }

  /** Some of them wait for the lock of a file that goes meanwhile. */
  @Test
  void isHeldByOneProcessAtATimeThoughTheyRemoveIt() throws Exception {
    var others = new ArrayList<Process>();
    try {
      for (int i = 0; i < PROCESSES; i++) {
        others.add(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Contender.class.getName(),
                    directory().toString(),
                    folder.resolve("held").toString(),
                    Integer.toString(i))
                .redirectErrorStream(true)
                .start());
      }
      var said = new ArrayList<String>();
      for (Process process : others) {
        said.add(new String(process.getInputStream().readAllBytes()).strip());
        process.waitFor();
      }
      assertThat(said).allMatch(line -> line.matches("held [1-9][0-9]*, not there [1-9][0-9]*"));
    } finally {
      others.forEach(Process::destroyForcibly);
    }
    new DirectoryLock(directory()).removeDirectory();
    assertThat(directory()).doesNotExist();
  }

  /** Changes and removes a directory; while it holds the lock nobody else may. */
  static final class Contender {
    public static void main(String[] args) throws IOException {
      var lock = new DirectoryLock(Path.of(args[0]));
      Path held = Path.of(args[1]);
      var random = new Random(Integer.parseInt(args[2]));
      int times = 0;
      int absent = 0;
      for (int round = 0; round < ROUNDS; round++) {
        DirectoryLock.Change<Integer> change =
            () -> {
              try {
                Files.createFile(held);
              } catch (FileAlreadyExistsException e) {
                throw new IllegalStateException("held by two at once");
              }
              Files.delete(held);
              return 1;
            };
        try {
          switch (random.nextInt(4)) {
            case 0 -> lock.removeDirectory();
            case 1 -> times += lock.within(change);
            default -> times += lock.making(change);
          }
        } catch (NoSuchFileException e) {
          absent++;
        }
      }
      System.out.println("held " + times + ", not there " + absent);
    }
  }
}
