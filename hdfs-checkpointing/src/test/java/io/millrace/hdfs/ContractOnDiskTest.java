package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.DurableNamesContract;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class ContractOnDiskTest extends DurableNamesContract {
  @TempDir Path folder;
  private DurableNames names;

  @BeforeEach
  void aNewJob() {
    names = new LocalNames(folder.resolve("job"));
  }

  @Override
  protected DurableNames names() {
    return names;
  }

  @Override
  protected boolean isThere() {
    return Files.exists(folder.resolve("job"));
  }
}
