package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.checkpoint.Sums;
import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.state.StateFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CopiedStoreTest {
  private static final String FILE = "data/file";
  private static final int FROM = 7;
  private static final String COPY = LocalCopies.fileAt(FROM);

  private final byte[] state = bytes(9_000_000);
  private final byte[] whole = new byte[FROM + state.length];
  private final StateBytes.InFile range;
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final MemoryFolder copy = new MemoryFolder();

  CopiedStoreTest() {
    var sums = new Sums();
    sums.add(state);
    range = new StateBytes.InFile(FILE, FROM, state.length, sums.ofAll(), sums.ofChunks());
    System.arraycopy(state, 0, whole, FROM, state.length);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(1).nextBytes(bytes);
    return bytes;
  }

  private CopiedStore copied(byte[] content) {
    return copied(content, Set.of());
  }

  private CopiedStore copied(byte[] content, Set<String> unread) {
    copy.append(COPY, content);
    return new CopiedStore(
        store, "job", new LocalCopies.Known(new TreeMap<>(Map.of(FILE, copy))), unread);
  }

  @Test
  void readsNothingFromTheStoreWhereThereIsAGoodCopy() throws IOException {
    CopiedStore copied = copied(state);

    assertThat(copied.readState("job", range)).isEqualTo(state);
    assertThat(copied.readPart("job", range, 10, 5)).isEqualTo(Arrays.copyOfRange(state, 10, 15));
    assertThatThrownBy(() -> copied.readState("another job", range))
        .isInstanceOf(CorruptStateException.class);
  }

  @Test
  void aDamagedCopyDoesNoHarm() throws IOException {
    store.names("job").mkdir("data");
    store.writeState("job", FILE, List.of(whole));
    byte[] flipped = state.clone();
    flipped[2_000_000] ^= 1;
    for (byte[] damaged : List.of(flipped, Arrays.copyOf(state, 100), new byte[0])) {
      copy.delete();
      assertThat(copied(damaged).readState("job", range)).isEqualTo(state);
      copy.delete();
      assertThat(copied(damaged).readPart("job", range, 0, 5))
          .isEqualTo(Arrays.copyOfRange(state, 0, 5));
      copy.delete();
      assertThat(linked(copied(damaged))).isEmpty();
      copy.delete();
      assertThat(readInOrder(copied(damaged))).isEqualTo(state);
      copy.delete();
      CopiedStore gone = copied(state);
      assertThat(gone.readPart("job", range, 0, 5)).hasSize(5);
      copy.delete();
      assertThat(gone.readPart("job", range, 5, 5)).isEqualTo(Arrays.copyOfRange(state, 5, 10));
    }
  }

  @Test
  void aCopyThatIsDamagedWhileItIsReadDoesNoHarm() throws IOException {
    store.names("job").mkdir("data");
    store.writeState("job", FILE, List.of(whole));
    CopiedStore copied = copied(state);
    assertThat(copied.readPart("job", range, 900_000, 5_500_000))
        .isEqualTo(Arrays.copyOfRange(state, 900_000, 6_400_000));
    byte[] flipped = state.clone();
    flipped[2_000_000] ^= 1;
    copy.delete();
    copy.append(COPY, flipped);

    assertThat(copied.readPart("job", range, 900_000, 5_500_000))
        .isEqualTo(Arrays.copyOfRange(state, 900_000, 6_400_000));
  }

  @Test
  void aGoodCopyGetsAPlaceElsewhereWithoutBeingWritten() throws IOException {
    CopiedStore copied = copied(state);

    assertThat(linked(copied)).contains(state);
    assertThat(readInOrder(copied)).isEqualTo(state);
    assertThat(copied.link("another job", range, new MemoryFolder(), "name")).isFalse();
  }

  @Test
  void ofACopyThatNobodyHasReadYetOnlyTheLengthIsLookedAt() throws IOException {
    byte[] flipped = state.clone();
    flipped[2_000_000] ^= 1;

    assertThat(linked(copied(flipped, Set.of(FILE)))).contains(flipped);
    copy.delete();
    assertThat(linked(copied(Arrays.copyOf(state, state.length - 1), Set.of(FILE)))).isEmpty();
    copy.delete();
    assertThat(linked(copied(Arrays.copyOf(state, state.length + 1), Set.of(FILE)))).isEmpty();
    copy.delete();
    copy.append("at-0", state);
    var elsewhere = new LocalCopies.Known(new TreeMap<>(Map.of(FILE, copy)));
    assertThat(linked(new CopiedStore(store, "job", elsewhere, Set.of(FILE)))).isEmpty();
  }

  /** What a folder has that the copy was to get a place in. */
  private Optional<byte[]> linked(CopiedStore copied) throws IOException {
    var target = new MemoryFolder();
    boolean linked = copied.link("job", range, target, "name");
    assertThat(target.files()).hasSize(linked ? 1 : 0);
    return linked ? Optional.of(target.read("name", 0, state.length)) : Optional.empty();
  }

  private byte[] readInOrder(CopiedStore copied) throws IOException {
    var all = new ByteArrayOutputStream();
    try (CheckpointStore.RangeReader reader = copied.open("job", range)) {
      new CheckedRange(range, FILE, reader).chunks().forEachRemaining(all::writeBytes);
    }
    return all.toByteArray();
  }

  private static List<SubtaskState> needing(String... files) {
    return Arrays.stream(files)
        .map(
            file ->
                new SubtaskState(
                    "uid",
                    0,
                    1,
                    128,
                    Optional.of(new StateBytes.InFile(file, 0, 1, 0)),
                    List.of(),
                    Optional.empty()))
        .toList();
  }

  @Test
  void onlyCopiesThatTheNewestCheckpointNeedsAreKept() {
    var copies = new LocalCopies();
    var folders = new TreeMap<String, StateFolder>();
    for (int i = 1; i <= 4; i++) {
      folders.put("file" + i, new MemoryFolder());
      copies.written("file" + i, checkpoint(i), folders.get("file" + i));
    }

    assertThat(copies.completed(3, List.of(needing("file1", "file3"))))
        .containsExactly(folders.get("file2"));
    assertThat(copies.known().folders()).containsOnlyKeys("file1", "file3", "file4");
    assertThat(copies.all()).hasSize(3);
    assertThat(copies.known().folders()).isEmpty();
  }

  private static CheckpointOf checkpoint(long number) {
    return new CheckpointOf(TestJob.ID, 0, 1, number);
  }

  @Test
  void copiesOfGivenUpCheckpointsAreNotKept() {
    var copies = new LocalCopies();
    var folders = new TreeMap<String, StateFolder>();
    for (int i = 1; i <= 5; i++) {
      folders.put("file" + i, new MemoryFolder());
      assertThat(copies.written("file" + i, checkpoint(i), folders.get("file" + i))).isEmpty();
    }
    copies.completed(2, List.of(needing("file1", "file2")));
    copies.restored(needing("file3")); // was complete, and nobody said so here

    assertThat(copies.aborted(checkpoint(4))).containsExactly(folders.get("file4"));
    assertThat(copies.known().folders()).containsOnlyKeys("file1", "file2", "file3", "file5");
    assertThat(copies.aborted(checkpoint(6))).containsExactly(folders.get("file5"));
    var late = new MemoryFolder();
    assertThat(copies.written("file6", checkpoint(6), late)).containsExactly(late);
    assertThat(copies.written("file7", checkpoint(7), new MemoryFolder())).isEmpty();
    assertThat(copies.known().folders()).containsOnlyKeys("file1", "file2", "file3", "file7");
  }
}
