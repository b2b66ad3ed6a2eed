package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PracticeTest {
  @TempDir private Path folder;

  private static void practise(Path file) throws IOException {
    Practice.once(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
  }

  @Test
  void leavesNothingBehind() throws IOException {
    practise(folder.resolve("practice-1"));

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void doesNotTouchWhatIsThere() throws IOException {
    Path file = Files.writeString(folder.resolve("practice-1"), "somebody's");

    assertThatThrownBy(() -> practise(file)).isInstanceOf(IOException.class);
    assertThat(file).hasContent("somebody's");
  }

  @Test
  void bringsNothingBackOfAnApplicationThatHasEnded() {
    Path staging = folder.resolve("application_1_0001");

    assertThatThrownBy(() -> practise(staging.resolve("practice-1")))
        .isInstanceOf(IOException.class);
    assertThat(staging).doesNotExist();
  }
}
