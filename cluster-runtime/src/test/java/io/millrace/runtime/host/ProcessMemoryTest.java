package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  private static final int MEGABYTE = 1 << 20;

  @Test
  void tellsItsParts() {
    assertThat(new ProcessMemory(() -> 480L * MEGABYTE, () -> 509L * MEGABYTE).described())
        .matches(
            "\\d+ MB: heap \\d+ of \\d+, metaspace \\d+, code cache \\d+, direct memory \\d+,"
                + " RocksDB 480 of 509, and at least \\d+ outside of these \\(\\d+ threads, archives"
                + " of classes, native libraries, the JVM itself\\)");
    assertThat(new ProcessMemory(() -> 0, () -> 0).described()).doesNotContain("RocksDB");
  }

  @Test
  void seesWhenThereIsMuchMoreOfIt() {
    var memory = new ProcessMemory(() -> 0, () -> 0);
    assertThat(memory.hasChanged()).as("since never").isTrue();

    ByteBuffer much = ByteBuffer.allocateDirect(256 * MEGABYTE);
    for (int i = 0; i < much.capacity(); i += 4096) {
      much.put(i, (byte) 1);
    }

    assertThat(memory.hasChanged()).isTrue();
    assertThat(much.get(4096)).isEqualTo((byte) 1);
  }
}
