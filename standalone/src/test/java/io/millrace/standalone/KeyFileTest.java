package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The secret that people bring to the hosts of their cluster. */
class KeyFileTest {
  @TempDir Path folder;

  private KeyFile key() {
    return new KeyFile(folder.resolve("cluster.key"));
  }

  private void mode(String mode) throws IOException {
    Files.setPosixFilePermissions(key().path(), PosixFilePermissions.fromString(mode));
  }

  @Test
  void isMadeOnceForItsOwnerOnly() throws Exception {
    assertThat(key().create("one")).isTrue();
    assertThat(Files.getPosixFilePermissions(key().path()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    String fingerprint = key().read().fingerprint();

    assertThat(key().create("one")).isFalse();
    assertThat(key().read().fingerprint()).isEqualTo(fingerprint);
  }

  @Test
  void isWholeWhoeverElseMakesItAtTheSameTime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<String> make =
          () -> {
            key().create("one");
            return key().read().fingerprint();
          };
      List<Future<String>> all = threads.invokeAll(List.of(make, make, make, make));
      for (Future<String> each : all) {
        assertThat(each.get()).isEqualTo(key().read().fingerprint());
      }
    } finally {
      threads.shutdownNow();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("no draft is left").hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw---x---"})
  void isRefusedIfOthersMayUseIt(String mode) throws Exception {
    key().create("one");
    mode(mode);
    assertThatThrownBy(() -> key().read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(key().path() + " has the mode " + mode)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void mayBeReadOnly() throws Exception {
    key().create("one");
    mode("r--------");
    assertThat(key().read()).isNotNull();
  }

  @Test
  void saysWhereItIsMissingAndWhatIsNoKey() throws Exception {
    assertThatThrownBy(() -> key().read())
        .hasMessageContaining("there is no key of the cluster at " + key().path());
    Files.writeString(key().path(), "secret");
    mode("rw-------");
    assertThatThrownBy(() -> key().read())
        .hasMessageContaining(key().path() + " is no key of a cluster");
  }
}
