package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.host.LocalFolders;
import io.millrace.runtime.protocol.TaskManagerId;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class YarnTaskManagerTest {
  private static final TaskManagerId ID = new TaskManagerId("container_1");

  private final Path here = Path.of("").toAbsolutePath();

  @Test
  void copiesLieInTheFolderOfTheApplicationOnTheDiskOfTheContainer() {
    LocalFolders folders = YarnTaskManager.folders(ID, "/disk2/app, " + here.getParent());

    assertThat(folders.work()).isEqualTo(here.resolve("work"));
    assertThat(folders.copies()).isEqualTo(here.resolveSibling("state-copies/container_1"));
    assertThat(folders.shelves())
        .containsExactly(Path.of("/disk2/app/state-copies"), here.resolveSibling("state-copies"));
  }

  @Test
  void withoutSuchAFolderTheyGoWithTheContainer() {
    for (String elsewhere : new String[] {null, "", "/disk2/app"}) {
      LocalFolders folders = YarnTaskManager.folders(ID, elsewhere);
      assertThat(folders.copies()).isEqualTo(here.resolve("work/copies"));
      assertThat(folders.shelves()).isEmpty();
    }
  }
}
