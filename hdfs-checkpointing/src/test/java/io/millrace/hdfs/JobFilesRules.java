package io.millrace.hdfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.DurableNames.Entry;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateBytes.InFile;
import io.millrace.runtime.protocol.JobId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the rules of claim and commit rest on, on whatever file system the subclass brings. */
abstract class JobFilesRules {
  private static int jobs;

  private HdfsCheckpointStore store;
  private String directory;
  private DurableNames names;

  abstract HdfsCheckpointStore store() throws IOException;

  /** Another process's view. */
  private DurableNames others() throws IOException {
    return store().names(directory);
  }

  /** How many mutations {@link #everyDamageIsFound} tries. */
  abstract int mutations();

  /** Puts other bytes in a file's place, {@code null} for no file. */
  abstract void replace(String path, byte[] bytes) throws IOException;

  @BeforeEach
  void aNewJob() throws IOException {
    store = store();
    directory = store.directoryOf(new JobId(String.format("%032x", ++jobs)));
    names = store.names(directory);
  }

  @Test
  void listsSortedAndNothingWhereNothingIs() throws IOException {
    assertThat(names.list("claims")).isEmpty();
    names.createExclusive("claims/00002-0000001", bytes("two"));
    names.createExclusive("claims/00001-0000001", bytes("one"));
    names.mkdir("claims/folder");

    assertThat(names.list("claims"))
        .containsExactly(
            new Entry("00001-0000001", false, 3),
            new Entry("00002-0000001", false, 3),
            new Entry("folder", true, 0));
    assertThat(names.list("")).containsExactly(new Entry("claims", true, 0));
    assertThat(names.read("claims/00001-0000001")).isEqualTo(bytes("one"));
    assertThatThrownBy(() -> names.read("claims/none")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void deletesFilesFoldersAndWhatIsNotThere() throws IOException {
    names.createExclusive("tmp/a", bytes("a"));
    names.createExclusive("tmp/deep/b", bytes("b"));

    names.delete("tmp/a");
    names.delete("tmp/a");
    names.delete("nowhere/at/all");
    assertThat(names.list("tmp")).containsExactly(new Entry("deep", true, 0));
    names.delete("tmp");
    assertThat(names.list("tmp")).isEmpty();
  }

  @Test
  void ofManyWhoCreateANameOneWins() throws Exception {
    int racers = 8;
    var together = new CyclicBarrier(racers);
    var threads = Executors.newFixedThreadPool(racers);
    try {
      for (int round = 0; round < 5; round++) {
        String name = "claims/round-" + round;
        var runs = new ArrayList<Callable<String>>();
        for (int i = 0; i < racers; i++) {
          String me = "racer " + i;
          DurableNames mine = others();
          runs.add(
              () -> {
                together.await();
                return mine.createExclusive(name, bytes(me)) ? me : "";
              });
        }
        var winners = new ArrayList<String>();
        for (var run : threads.invokeAll(runs)) {
          if (!run.get().isEmpty()) {
            winners.add(run.get());
          }
        }
        assertThat(winners).hasSize(1);
        assertThat(names.read(name)).isEqualTo(bytes(winners.get(0)));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void renameNeitherReplacesNorMovesInto() throws IOException {
    names.createExclusive("tmp/a", bytes("a"));
    names.createExclusive("tmp/b", bytes("b"));
    names.mkdir("epochs/1");
    names.mkdir("epochs/2");

    assertThatThrownBy(() -> names.rename("tmp/a", "tmp/b")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.rename("tmp/a", "epochs/1")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.rename("epochs/1", "epochs/2")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.rename("tmp/none", "tmp/c")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.rename("tmp/a", "none/c")).isInstanceOf(IOException.class);
    assertThat(names.read("tmp/a")).isEqualTo(bytes("a"));
    assertThat(names.read("tmp/b")).isEqualTo(bytes("b"));
    assertThat(names.list("epochs/1")).isEmpty();
    assertThat(names.list("epochs/2")).isEmpty();
  }

  @Test
  void nothingEntersASealedEpoch() throws IOException {
    names.mkdir("epochs/1");
    names.createExclusive("tmp/late", bytes("late"));
    names.rename("epochs/1", "epochs/1.sealed-by-2");

    assertThatThrownBy(() -> others().rename("tmp/late", "epochs/1/manifest"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> others().createExclusive("epochs/1/manifest", bytes("x")))
        .isInstanceOf(IOException.class);
    assertThat(names.list("epochs")).containsExactly(new Entry("1.sealed-by-2", true, 0));
    assertThat(names.list("epochs/1.sealed-by-2")).isEmpty();
  }

  @Test
  void aSealAndManyCommitsNeverMix() throws Exception {
    var threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 20; round++) {
        String epoch = "epochs/" + round;
        names.mkdir(epoch);
        for (int i = 0; i < 5; i++) {
          names.createExclusive("tmp/" + round + "-" + i, bytes("m" + i));
        }
        var together = new CyclicBarrier(2);
        int r = round;
        var commits =
            threads.submit(
                () -> {
                  DurableNames mine = others();
                  together.await();
                  int done = 0;
                  for (int i = 0; i < 5; i++) {
                    try {
                      mine.rename("tmp/" + r + "-" + i, epoch + "/m" + i);
                      done++;
                    } catch (IOException sealed) {
                      break;
                    }
                  }
                  return done;
                });
        var seal =
            threads.submit(
                () -> {
                  DurableNames mine = others();
                  together.await();
                  mine.rename(epoch, epoch + ".sealed");
                  return mine.list(epoch + ".sealed").size();
                });
        assertThat(seal.get()).isEqualTo(commits.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aCommitWhoseAnswerWasLostIsFoundByLooking() throws IOException {
    names.mkdir("epochs/1");
    var faulty = new FaultyNames(names);

    faulty.next = FaultyNames.Fault.ACK_LOST;
    assertThat(commit(faulty, "m1", "manifest 1")).isEqualTo("DONE");
    assertThat(names.read("epochs/1/m1")).isEqualTo(bytes("manifest 1"));
    assertThat(names.list("epochs/1")).containsExactly(new Entry("m1", false, 10));
    assertThat(commit(names, "m1", "another")).isEqualTo("CONFLICT");
  }

  @Test
  void aHalfWrittenManifestIsInvisible() throws IOException {
    names.mkdir("epochs/1");
    var faulty = new FaultyNames(names);

    faulty.next = FaultyNames.Fault.SHORT_WRITE;
    assertThatThrownBy(() -> faulty.createExclusive("tmp/m1", bytes("manifest 1")))
        .isInstanceOf(IOException.class);
    assertThat(names.list("epochs/1")).isEmpty();
    assertThat(names.createExclusive("tmp/m1", bytes("manifest 1"))).isFalse();
    assertThat(commit(names, "m1-again", "manifest 1")).isEqualTo("DONE");
  }

  /** The rule of section "claim": after a failure, look. */
  private static String commit(DurableNames names, String name, String content) throws IOException {
    String tmp = "tmp/of-" + name + "-" + content.hashCode();
    names.createExclusive(tmp, bytes(content));
    try {
      names.rename(tmp, "epochs/1/" + name);
      return "DONE";
    } catch (IOException e) {
      return Arrays.equals(names.read("epochs/1/" + name), bytes(content)) ? "DONE" : "CONFLICT";
    }
  }

  @Test
  void namesCannotLeadOut() {
    for (String name :
        List.of("", "/etc/x", "../x", "tmp/../../x", "tmp//x", "./x", "hdfs://h/x", "tmp/")) {
      assertThatThrownBy(() -> names.createExclusive(name, bytes("x")))
          .as(name)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a name");
    }
    assertThatThrownBy(() -> store.writeState(directory, "tmp/x", List.of()))
        .hasMessageContaining("below data/");
  }

  @Test
  void aStateFileIsWrittenOnceAndReadByRanges() throws IOException {
    var random = new Random(7);
    byte[] first = content(random, 5000);
    byte[] second = content(random, 0);
    byte[] third = content(random, 70_000);
    names.mkdir("data");
    store.writeState(directory, "data/s", List.of(first, second, third));

    assertThat(store.readState(directory, range("data/s", 0, first))).isEqualTo(first);
    assertThat(store.readState(directory, range("data/s", 5000, second))).isEmpty();
    assertThat(store.readState(directory, range("data/s", 5000, third))).isEqualTo(third);
    assertThat(names.list("data")).containsExactly(new Entry("s", false, 75_000));
    assertThatThrownBy(() -> store.writeState(directory, "data/s", List.of(third)))
        .isInstanceOf(IOException.class);
    assertThat(store.readState(directory, range("data/s", 0, first))).isEqualTo(first);
    assertThatThrownBy(() -> store.readState(directory, range("data/none", 0, first)))
        .isInstanceOf(CorruptStateException.class)
        .hasMessageContaining(directory + "/data/none")
        .hasMessageContaining("bytes 0 to 5000");
    for (InFile wrong :
        List.of(
            new InFile("data/s", -1, 10, 0),
            new InFile("data/s", 0, -10, 0),
            new InFile("data/s", 74_999, 2, 0),
            new InFile("data/s", Long.MAX_VALUE, Long.MAX_VALUE, 0))) {
      assertThatThrownBy(() -> store.readState(directory, wrong))
          .isInstanceOf(CorruptStateException.class);
    }
  }

  @Test
  void aStateFileDoesNotBringItsFolderBack() throws IOException {
    byte[] bytes = bytes("state");
    assertThatThrownBy(() -> store.writeState(directory, "data/early", List.of(bytes)))
        .isInstanceOf(IOException.class);
    names.mkdir("data");
    store.writeState(directory, "data/there", List.of(bytes));
    names.delete("data");

    assertThatThrownBy(() -> store.writeState(directory, "data/late", List.of(bytes)))
        .isInstanceOf(IOException.class);
    assertThat(names.list("data")).isEmpty();
  }

  @Test
  void aStateFileThatIsBeingWrittenGoesWithItsFolder() throws IOException {
    names.mkdir("data");
    Iterable<byte[]> whileTheJobEnds =
        () ->
            Stream.of("one", "two")
                .map(
                    part -> {
                      if (part.equals("two")) {
                        delete("data");
                      }
                      return bytes(part);
                    })
                .iterator();

    assertThatThrownBy(() -> store.writeState(directory, "data/late", whileTheJobEnds))
        .isInstanceOf(IOException.class);
    assertThat(names.list("data")).isEmpty();
  }

  private void delete(String name) {
    try {
      names.delete(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyDamageIsFound() throws IOException {
    damage(mutations());
  }

  @Test
  @Tag("long")
  void everyOneOfManyDamagesIsFound() throws IOException {
    damage(4 * mutations());
  }

  private void damage(int mutations) throws IOException {
    var random = new Random(48);
    var files = new ArrayList<String>();
    var contents = new ArrayList<byte[]>();
    names.mkdir("data");
    for (int i = 0; i < 4; i++) {
      files.add("data/00001-0000001-" + i);
      contents.add(content(random, 200 + random.nextInt(3000)));
      store.writeState(directory, files.get(i), List.of(contents.get(i)));
    }
    byte[] stale = content(random, contents.get(0).length);

    for (int i = 0; i < mutations; i++) {
      int victim = random.nextInt(files.size());
      byte[] good = contents.get(victim);
      byte[] bad = Mutation.of(random, good, contents.get((victim + 1) % 4), stale);
      replace(directory + "/" + files.get(victim), bad);
      boolean found = false;
      int cut = good.length / 2;
      for (InFile range :
          List.of(
              range(files.get(victim), 0, Arrays.copyOf(good, cut)),
              range(files.get(victim), cut, Arrays.copyOfRange(good, cut, good.length)))) {
        try {
          byte[] read = store.readState(directory, range);
          assertThat(StateBytes.crcOf(read)).isEqualTo(range.crc32c());
          int from = (int) range.offset();
          assertThat(read).isEqualTo(Arrays.copyOfRange(good, from, from + read.length));
        } catch (CorruptStateException e) {
          assertThat(e).hasMessageContaining(files.get(victim));
          found = true;
        }
      }
      assertThat(found).as("mutation " + i).isTrue();
      replace(directory + "/" + files.get(victim), good);
    }
  }

  private static InFile range(String file, long offset, byte[] content) {
    return new InFile(file, offset, content.length, StateBytes.crcOf(content));
  }

  private static byte[] content(Random random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
