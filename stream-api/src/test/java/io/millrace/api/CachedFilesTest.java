package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.graph.CachedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedFilesTest {
  /** Of the three bytes {@code abc}; from FIPS 180-4. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path folder;

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  @Test
  void theGraphNamesThemWithTheirContent() throws Exception {
    Path file = Files.writeString(folder.resolve("words.txt"), "abc");
    env.registerCachedFile(file.toString(), "words");
    env.registerCachedFile(file.toUri().toString(), "again", true);
    env.registerCachedFile("hdfs:///data/rules.csv", "rules");
    env.fromElements(1).print();

    assertThat(env.getJobGraph().files())
        .containsExactly(
            new CachedFile("again", file.toString(), ABC, true),
            new CachedFile("rules", "hdfs:///data/rules.csv", "", false),
            new CachedFile("words", file.toString(), ABC, false));
    assertThat(env.getJobGraph().files().get(1).fileName()).isEqualTo("rules.csv");
  }

  @Test
  void whatIsNotThereIsRefusedBeforeAnythingIsSubmitted() {
    env.registerCachedFile(folder.resolve("none").toString(), "words");
    env.fromElements(1).print();
    assertThatThrownBy(env::getJobGraph)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the cached file 'words': "
                + folder.resolve("none")
                + " does not exist on this machine; a file of another file system is named with its"
                + " scheme, such as hdfs:///path");
  }

  @Test
  void directoriesAreRefusedWithARemedy() {
    env.registerCachedFile(folder.toString(), "all");
    env.fromElements(1).print();
    assertThatThrownBy(env::getJobGraph)
        .hasMessage(
            "the cached file 'all': "
                + folder
                + " is a directory; register its files one by one, or one archive of them");
  }

  @Test
  void aNameIsOneFile() {
    env.registerCachedFile("hdfs:/a", "words");
    assertThatThrownBy(() -> env.registerCachedFile("hdfs:/b", "words"))
        .hasMessage(
            "the name 'words' of the file hdfs:/b is that of hdfs:/a already; give each file its"
                + " own");
    assertThatThrownBy(() -> env.registerCachedFile("hdfs:/b", " "))
        .hasMessageContaining("needs a name");
  }
}
