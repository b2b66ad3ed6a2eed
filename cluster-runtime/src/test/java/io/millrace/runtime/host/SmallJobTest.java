package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallJobTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void endsAndLeavesNothingBehind(String stateBackend) throws Exception {
    SmallJob.run(stateBackend, folder.resolve("practice"));

    assertThat(folder).isEmptyDirectory();
  }
}
