package io.millrace.runtime.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.disk.DiskFolder;
import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.state.MemoryRows;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.state.StoreTwins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbRowsTest {
  private static final byte[] START = {};
  private static final byte[] END = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

  @TempDir Path scratch;
  private RocksDbMemory memory;
  private int opened;

  @BeforeEach
  void open() throws IOException {
    RocksDbMemory.load(scratch.resolve("native"));
    memory = new RocksDbMemory(16 << 20);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  private RocksDbRows rows() {
    try {
      return RocksDbRows.open(scratch.resolve("db-" + opened++), memory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final RowStateStore.RowsFactory databases =
      new RowStateStore.RowsFactory() {
        @Override
        public Rows empty() {
          return rows();
        }

        @Override
        public Rows of(StateFolder captured) {
          try {
            return RocksDbRows.of((DiskFolder) captured, memory);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private DiskFolder folder() {
    try {
      return DiskFolder.make(scratch.resolve("db-" + opened++));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As if they had been far away meanwhile. */
  private DiskFolder copy(StateFolder captured) throws IOException {
    DiskFolder copy = folder();
    for (StateFolder.File file : captured.files()) {
      captured.verify(file.name());
      copy.write(file.name(), List.of(captured.read(file.name(), 0, (int) file.length())));
    }
    return copy;
  }

  private static Map<String, Long> tables(StateFolder captured) throws IOException {
    var tables = new TreeMap<String, Long>();
    for (StateFolder.File file : captured.files()) {
      if (file.lasting()) {
        tables.put(file.name(), file.length());
      }
    }
    return tables;
  }

  @Test
  void areCapturedInFilesOfWhichMostAreThoseOfTheCaptureBefore() throws Exception {
    var random = new Random(4);
    RocksDbRows rows = rows();
    byte[] noise = new byte[1_000];
    for (int i = 0; i < 5_000; i++) {
      random.nextBytes(noise);
      rows.put(key(i), noise);
    }
    rows.settle();
    StateFolder before = rows.capture();
    rows.put(key(1), new byte[] {1});
    StateFolder captured = rows.capture();
    rows.put(key(2), new byte[] {2});

    assertThat(tables(captured)).containsAllEntriesOf(tables(before));
    assertThat(tables(captured)).hasSize(tables(before).size() + 1);
    assertThat(captured.files()).hasSize(tables(captured).size() + 1);
    rows.close();
    try (var again = new Closing(RocksDbRows.of(copy(captured), memory))) {
      assertThat(again.rows.get(key(1))).containsExactly(1);
      assertThat(again.rows.get(key(2))).hasSize(1_000);
      again.rows.put(key(3), new byte[] {3});
      StateFolder next = again.rows.capture();
      assertThat(tables(next)).containsAllEntriesOf(tables(captured));
      next.delete();
    }
    before.delete();
    captured.delete();
    assertThat(folders()).isEmpty();
  }

  private record Closing(RocksDbRows rows) implements AutoCloseable {
    @Override
    public void close() {
      rows.close();
    }
  }

  @Test
  void tellsRoughlyWhatAPartOfThemTakes() {
    RocksDbRows rows = rows();
    var random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      byte[] value = new byte[1_000];
      random.nextBytes(value);
      rows.put(new byte[] {0, 5, (byte) (i >> 8), (byte) i}, value);
    }
    byte[] fourth = {0, 4};
    byte[] fifth = {0, 5};
    byte[] sixth = {0, 6};

    assertThat(rows.estimatedBytes(fifth, sixth)).isBetween(700_000L, 1_300_000L);
    rows.capture().delete();
    assertThat(rows.estimatedBytes(fifth, sixth)).isBetween(700_000L, 1_300_000L);
    assertThat(rows.estimatedBytes(fourth, fifth)).isZero();
    rows.close();
  }

  @Test
  void aFlippedBitInACapturedFileIsFoundBeforeItIsTakenForGood() throws Exception {
    RocksDbRows rows = rows();
    for (int i = 0; i < 1_000; i++) {
      rows.put(key(i), new byte[100]);
    }
    var captured = (DiskFolder) rows.capture();
    String table = tables(captured).keySet().iterator().next();
    captured.verify(table);
    var path = captured.path().resolve(table);
    byte[] bytes = Files.readAllBytes(path);
    bytes[bytes.length / 3] ^= 4;
    Files.write(path, bytes);

    assertThatThrownBy(() -> captured.verify(table))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be used");
    // The database has that very file: its task must not go on with it.
    assertThatThrownBy(() -> rows.get(key(1))).isInstanceOf(LocalStateException.class);
    rows.close();
  }

  @Test
  void areWhatRowsInMemoryAre() throws Exception {
    var random = new Random(1);
    Rows model = new MemoryRows();
    RocksDbRows rows = rows();
    var views = new ArrayList<List<Rows.View>>();
    for (int step = 0; step < 20_000; step++) {
      byte[] key = new byte[1 + random.nextInt(3)];
      random.nextBytes(key);
      key[0] = (byte) (random.nextBoolean() ? 0xff : 1);
      byte[] value = new byte[random.nextInt(40)];
      random.nextBytes(value);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          model.put(key, value);
          rows.put(key, value);
        }
        case 3 -> {
          model.append(key, value);
          rows.append(key, value);
        }
        case 4 -> {
          model.delete(key);
          rows.delete(key);
        }
        case 5 -> assertThat(rows.get(key)).isEqualTo(model.get(key));
        case 6 -> {
          if (random.nextInt(400) == 0) {
            rows.settle();
          }
          if (random.nextInt(100) == 0) {
            views.add(List.of(model.freeze(), rows.freeze()));
          }
        }
        default -> {
          byte[] to = {key[0], (byte) random.nextInt(), 7};
          if (Arrays.compareUnsigned(key, to) < 0) {
            assertThat(scanned(rows, key, to)).isEqualTo(scanned(model, key, to));
          }
        }
      }
    }
    assertThat(views).isNotEmpty();
    rows.close(); // what is frozen can be read still
    for (List<Rows.View> pair : views) {
      assertThat(scanned(pair.get(1))).isEqualTo(scanned(pair.get(0)));
      pair.get(1).close();
      pair.get(1).close();
    }
    assertThat(scratch.resolve("db-0")).doesNotExist();
  }

  @Test
  void answersAsStateOnTheHeapDoes() {
    twins(100, 3);
  }

  @Test
  @Tag("long")
  void manyMoreAnswerAsStateOnTheHeapDoes() {
    twins(1_000, 100);
  }

  private void twins(int firstSeed, int seeds) {
    for (int seed = firstSeed; seed < firstSeed + seeds; seed++) {
      var twins = new StoreTwins(seed, databases, this::folder, 3_000);
      twins.live(3_000);
      twins.close();
    }
    assertThat(folders()).isEmpty();
  }

  @Test
  void leavesNothingBehind() {
    RocksDbRows rows = rows();
    rows.put(new byte[] {1}, new byte[] {2});
    Rows.View view = rows.freeze();
    rows.close();
    rows.close();
    assertThat(folders()).hasSize(1);
    view.close();
    assertThat(folders()).isEmpty();
  }

  @Test
  void aFolderThatSomebodyLeftIsNotTakenOver() throws IOException {
    RocksDbRows left = rows();
    opened = 0;
    assertThatThrownBy(this::rows).hasMessageContaining("db-0");
    left.close();
  }

  @Test
  void aDamagedFileIsNamedAndNothingOfItIsTakenForGood() throws Exception {
    var random = new Random(7);
    RocksDbRows rows = rows();
    byte[] value = new byte[1_000];
    // More than the cache holds: what is in memory is not read again, and is good.
    for (int i = 0; i < 20_000; i++) {
      random.nextBytes(value);
      rows.put(key(i), value);
    }
    rows.settle();
    for (Path file : sortedTables(scratch.resolve("db-0"))) {
      byte[] bytes = Files.readAllBytes(file);
      for (int at = 0; at < bytes.length / 2; at += 2_000) {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, bytes);
    }

    Rows.View view = rows.freeze();
    assertThatThrownBy(() -> scanned(view))
        .isInstanceOf(LocalStateException.class)
        .hasMessageMatching("local state in .*[0-9]{6}\\.sst.*");
    view.close();
    // The task learns what the writer of the checkpoint has found.
    assertThatThrownBy(() -> rows.put(key(1), new byte[1]))
        .isInstanceOf(LocalStateException.class)
        .hasMessageMatching("local state in .*[0-9]{6}\\.sst.*");
    rows.close();
    assertThat(folders()).isEmpty();
  }

  @Test
  void allDatabasesOfASlotShareItsMemory() throws Exception {
    var all = List.of(rows(), rows(), rows());
    byte[] value = new byte[1_000];
    for (int i = 0; i < 60_000; i++) {
      new Random(i).nextBytes(value);
      all.get(i % 3).put(key(i), value);
    }
    for (int i = 0; i < 60_000; i++) {
      assertThat(all.get(i % 3).get(key(i))).hasSize(1_000);
    }
    assertThat(memory.usedBytes()).isBetween(1L << 20, memory.limitBytes());
    all.forEach(Rows::close);
  }

  @Test
  void partOfTheMemoryIsLentToWhoAsksFirstUntilItsRowsAreClosed() throws Exception {
    memory.close();
    memory = new RocksDbMemory(64 << 20);
    Rows one = rows();
    Rows other = rows();
    assertThat(one.lend(10 << 20)).isTrue();
    assertThat(other.lend(10 << 20)).isFalse();
    assertThat(other.lend(6 << 20)).isTrue();
    assertThat(memory.limitBytes()).isEqualTo(48 << 20);
    one.close();
    one.close();
    assertThat(other.lend(10 << 20)).isTrue();
    assertThat(other.lend(1)).isFalse();
    other.close();
  }

  @Test
  void tooLittleMemoryIsRefused() {
    assertThatThrownBy(() -> new RocksDbMemory(1 << 20))
        .hasMessageContaining("1 MB")
        .hasMessageContaining("taskmanager.memory.managed.size");
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static List<Path> sortedTables(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".sst")).toList();
    }
  }

  private List<Path> folders() {
    try (Stream<Path> files = Files.list(scratch)) {
      return files.filter(file -> file.getFileName().toString().startsWith("db-")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> scanned(Rows rows, byte[] from, byte[] to) {
    var found = new ArrayList<String>();
    rows.scan(from, to, (key, value) -> add(found, key, value));
    return found;
  }

  private static List<String> scanned(Rows.View view) {
    var found = new ArrayList<String>();
    view.scan(START, END, (key, value) -> add(found, key, value));
    return found;
  }

  private static boolean add(List<String> found, byte[] key, byte[] value) {
    return found.add(Arrays.toString(key) + "=" + Arrays.toString(value));
  }
}
