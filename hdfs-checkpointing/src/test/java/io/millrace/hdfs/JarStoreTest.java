package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JarStoreTest {
  private static final long NOW = System.currentTimeMillis();
  private static final long LATER = NOW + Duration.ofDays(31).toMillis();

  private static final JarStore.InUse NONE = () -> Optional.of(Set.of());

  @TempDir static Path folder;
  private static SmallCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = new SmallCluster(folder.resolve("dfs"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void contentTravelsOnceAndKeepsItsTime() throws IOException {
    var store = new JarStore(cluster.at("/user/me/.millrace"), cluster.conf());
    Path jar = jar(1);

    var first = store.put(jar, NOW);
    var again = store.put(Files.copy(jar, folder.resolve("copy.jar")), NOW + 1000);

    assertThat(first.uploaded()).isEqualTo(300_000);
    assertThat(again)
        .isEqualTo(
            new JarStore.Stored(first.sha256(), first.path(), 300_000, first.modifiedMillis(), 0));
    assertThat(first.path().getName()).hasSize(64).isEqualTo(first.sha256());
    FileStatus jars = cluster.files().getFileStatus(first.path().getParent());
    assertThat(jars.getPermission().toString()).isEqualTo("rwx------");
    try (var in = cluster.files().open(first.path())) {
      assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(jar));
    }
  }

  @Test
  void whatWasUsedLatelyIsFoundByOneLook() throws IOException {
    var store = new JarStore(cluster.at("/user/late/.millrace"), cluster.conf());
    var stored = store.put(jar(5), NOW);
    var marker = stored.path().suffix(".used");

    var next = new JarStore(cluster.at("/user/late/.millrace"), cluster.conf());
    assertThat(next.put(jar(5), NOW + 1000))
        .isEqualTo(
            new JarStore.Stored(
                stored.sha256(), stored.path(), 300_000, stored.modifiedMillis(), 0));
    assertThat(cluster.files().getFileStatus(marker).getModificationTime()).isEqualTo(NOW);

    long twoDaysLater = NOW + Duration.ofDays(2).toMillis();
    var late = new JarStore(cluster.at("/user/late/.millrace"), cluster.conf());
    assertThat(late.put(jar(5), twoDaysLater).uploaded()).isZero();
    assertThat(cluster.files().getFileStatus(marker).getModificationTime()).isEqualTo(twoDaysLater);
  }

  /** Scripts submit the same program many times at once. */
  @Test
  void anotherMayNoteTheSameUseMeanwhile() throws IOException {
    var store = new JarStore(cluster.at("/user/both/.millrace"), cluster.conf());
    var digest = store.put(jar(7), NOW).sha256();
    var path = cluster.at("/user/both/.millrace/jars/" + digest);
    cluster.files().delete(path, false);
    cluster.files().delete(path.suffix(".used"), false);

    try (var other = cluster.files().create(path.suffix(".used"))) {
      var next = new JarStore(cluster.at("/user/both/.millrace"), cluster.conf());
      assertThat(next.put(jar(7), NOW).uploaded()).isEqualTo(300_000);
      other.hflush();
    }
    assertThat(cluster.files().exists(path.suffix(".used"))).isTrue();
  }

  @Test
  void whatIsNotWhatItsDigestSaysIsNotStored() throws IOException {
    var store = new JarStore(cluster.at("/user/digest/.millrace"), cluster.conf());
    String other = "0".repeat(64);

    assertThatThrownBy(() -> store.put(jar(6), other, NOW))
        .isInstanceOf(JarStore.ChangedException.class);

    assertThat(store.put(jar(6), NOW).uploaded()).isEqualTo(300_000);
    assertThat(
            cluster
                .files()
                .exists(
                    new org.apache.hadoop.fs.Path(
                        store.put(jar(6), NOW).path().getParent(), other)))
        .isFalse();
  }

  @Test
  void aTruncatedJarIsReplaced() throws IOException {
    var store = new JarStore(cluster.at("/user/you/.millrace"), cluster.conf());
    var stored = store.put(jar(2), NOW);
    cluster.files().truncate(stored.path(), 0);

    assertThat(store.put(jar(2), NOW).uploaded()).isEqualTo(300_000);
    assertThat(cluster.files().getFileStatus(stored.path()).getLen()).isEqualTo(300_000);
  }

  @Test
  void removesWhatNobodyUsed() throws IOException {
    var store = new JarStore(cluster.at("/user/all/.millrace"), cluster.conf());
    var old = store.put(jar(3), NOW);
    var used = store.put(jar(4), NOW);

    assertThat(store.removeUnused(NOW + 1000, NONE)).isEmpty();
    store.put(jar(4), LATER - 1000);
    assertThat(store.removeUnused(LATER, NONE)).containsExactly(old.sha256());
    assertThat(store.removeUnused(LATER, NONE)).isEmpty();
    assertThat(
            Arrays.stream(cluster.files().listStatus(old.path().getParent()))
                .map(status -> status.getPath().getName()))
        .containsExactly(used.sha256(), used.sha256() + ".used");
  }

  @Test
  void keepsWhatIsInUseHoweverOld() throws IOException {
    var store = new JarStore(cluster.at("/user/live/.millrace"), cluster.conf());
    var live = store.put(jar(7), NOW);
    var ended = store.put(jar(8), NOW);
    JarStore.InUse inUse = () -> Optional.of(Set.of(live.sha256()));

    assertThat(store.removeUnused(LATER, inUse)).containsExactly(ended.sha256());
    assertThat(cluster.files().getFileStatus(live.path()).getModificationTime())
        .isEqualTo(live.modifiedMillis());
    long used = LATER + Duration.ofDays(30).toMillis();
    assertThat(store.removeUnused(used, NONE)).isEmpty();
    assertThat(store.removeUnused(used + 1, NONE)).containsExactly(live.sha256());
  }

  @Test
  void removesNothingWhileItIsUnknownWhatIsInUse() throws IOException {
    var store = new JarStore(cluster.at("/user/unknown/.millrace"), cluster.conf());
    var stored = store.put(jar(9), NOW);

    assertThat(store.removeUnused(LATER, Optional::empty)).isEmpty();
    assertThat(store.removeUnused(LATER, NONE)).containsExactly(stored.sha256());
  }

  private static Path jar(int seed) throws IOException {
    var bytes = new byte[300_000];
    new Random(seed).nextBytes(bytes);
    return Files.write(folder.resolve("app-" + seed + ".jar"), bytes);
  }
}
