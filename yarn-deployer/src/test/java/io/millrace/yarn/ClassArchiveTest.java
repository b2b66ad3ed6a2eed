package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When Hadoop's classes may be archived; {@code ClassArchiveIT} makes archives. */
class ClassArchiveTest {
  private static final YarnDeployer.Equipment EQUIPMENT =
      new YarnDeployer.Equipment(
          List.of(Path.of("home", "engine-1.jar")),
          List.of(Path.of("home", "rocks-db-1.jar")),
          Optional.empty());

  @TempDir Path directory;
  private Path hadoop;

  @BeforeEach
  void hadoopWithOneJar() throws Exception {
    hadoop = Files.createDirectory(directory.resolve("hadoop"));
    Files.writeString(hadoop.resolve("common-3.4.jar"), "");
  }

  private Optional<HadoopJars> jars(String classPath, String... links) {
    Path cache = directory.resolve("cache");
    List<StagedFile> files =
        Stream.of(links).map(link -> new StagedFile(link, "/stored/" + link, 1, 1)).toList();
    return ClassArchive.of(Map.of("MILLRACE_CACHE_DIR", cache.toString()))
        .hadoopJars(List.of(classPath), EQUIPMENT, files);
  }

  @Test
  void theyMayBesideOurOwnAndWhatIsNoJarOfTheClassPath() {
    Optional<HadoopJars> jars =
        jars(hadoop + "/*", "lib/engine-1.jar", "lib/rocks-db-1.jar", "jars/program.jar", "a.txt");

    assertThat(jars.orElseThrow().jars()).containsExactly(hadoop + "/common-3.4.jar");
  }

  @Test
  void notWhereAUserShipsJarsThatComeFirst() {
    assertThat(jars(hadoop + "/*", "lib/engine-1.jar", "lib/guava-99.jar")).isEmpty();
  }

  @Test
  void notWhereHadoopHasALibraryThatWeBring() throws Exception {
    Files.writeString(hadoop.resolve("rocks-db-0.9-beta.jar"), "");

    assertThat(jars(hadoop + "/*", "lib/engine-1.jar", "lib/rocks-db-1.jar")).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNoReasonToFail() {
    assertThat(jars("no\0path/*")).isEmpty();
  }
}
