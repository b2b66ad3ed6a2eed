package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShortPatienceTest {
  /** Several times what it takes, for a machine that is busy; usually it is minutes. */
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void aNameNodeThatIsDownIsSaidSoon() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertFailsSoon(port);
  }

  @Test
  void aNameNodeThatHangsIsSaidSoon() throws IOException {
    try (var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      assertFailsSoon(socket.getLocalPort());
    }
  }

  private void assertFailsSoon(int port) throws IOException {
    Path jar = Files.write(folder.resolve("app.jar"), new byte[10]);
    Configuration conf = ShortPatience.in(new Configuration());
    var store =
        new JarStore(new org.apache.hadoop.fs.Path("hdfs://127.0.0.1:" + port + "/user"), conf);
    Instant before = Instant.now();
    assertThatThrownBy(() -> store.put(jar, 0)).isInstanceOf(IOException.class);
    assertThat(Duration.between(before, Instant.now())).isLessThan(SOON);
  }
}
