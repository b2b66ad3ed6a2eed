package io.millrace.connector.files;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.io.TempDir;

class TextFileSinkOnDiskTest extends TextFileSinkRules {
  @TempDir static java.nio.file.Path folder;

  @Override
  FileSystem files() throws IOException {
    LocalFileSystem local = FileSystem.getLocal(new Configuration());
    return local.getRawFileSystem();
  }

  @Override
  Path base() {
    return new Path(folder.toUri());
  }
}
