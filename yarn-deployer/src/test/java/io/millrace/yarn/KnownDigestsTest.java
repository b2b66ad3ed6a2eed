package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownDigestsTest {
  private static final String OF_ONE =
      "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
  private static final String OF_TWO =
      "d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35";
  private static final String INVENTED = "0".repeat(64);

  @TempDir Path directory;
  private CacheFolder folder;
  private Path file;
  private long now;

  @BeforeEach
  void oneFile() throws Exception {
    folder = CacheFolder.of(Map.of("MILLRACE_CACHE_DIR", directory.resolve("cache").toString()));
    file = directory.resolve("a file");
    Files.writeString(file, "1");
    now = System.currentTimeMillis();
  }

  private String digest() throws Exception {
    var digests = new KnownDigests(folder, () -> now);
    String digest = digests.of(file);
    digests.keep();
    return digest;
  }

  private String kept() throws Exception {
    Path noted = folder.resolve("digests");
    return Files.exists(noted) ? Files.readString(noted) : "";
  }

  /** Whoever believes what is noted says what was put there, whatever the file holds. */
  private void invent() throws Exception {
    Files.writeString(folder.resolve("digests"), kept().replace(OF_ONE, INVENTED));
  }

  @Test
  void isNotedOnceTheFileHasSettled() throws Exception {
    assertThat(digest()).isEqualTo(OF_ONE);
    assertThat(kept()).as("of a file that may change within this tick").isEmpty();
    now += 60_000;
    assertThat(digest()).isEqualTo(OF_ONE);
    assertThat(kept()).startsWith(OF_ONE + " 1 ").endsWith(file.toRealPath() + "\n");

    invent();
    assertThat(digest()).as("what was noted").isEqualTo(INVENTED);

    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
    assertThat(digest()).as("of a file whose times were changed").isEqualTo(OF_ONE);
    FileTime before = Files.getLastModifiedTime(file);
    Files.writeString(file, "2");
    Files.setLastModifiedTime(file, before);
    assertThat(digest()).as("of other content of the same length and time").isEqualTo(OF_TWO);
  }

  @Test
  void isComputedWhereNothingCanBeNoted() throws Exception {
    digest();
    Files.writeString(folder.resolve("digests"), "no digest\n\0\n\n");
    assertThat(digest()).isEqualTo(OF_ONE);

    now += 60_000;
    digest();
    invent();
    Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(digest()).as("where others can write").isEqualTo(OF_ONE);
  }
}
