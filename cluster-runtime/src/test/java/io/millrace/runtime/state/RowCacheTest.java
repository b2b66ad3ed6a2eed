package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowCacheTest {
  private static final byte[] END = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

  /** Rows of the tables 0 to 3 and 300, of which those below 2 go by. */
  @ParameterizedTest
  @ValueSource(longs = {0, 3_000, 20_000, 1 << 20})
  void areWhatRowsBehindItWouldBe(long mostBytes) {
    for (int seed = 0; seed < 8; seed++) {
      var random = new Random(seed);
      Rows model = new MemoryRows();
      Rows behind = new MemoryRows(random.nextBoolean() ? random.nextInt(200_000) : 0);
      var cache = new RowCache(behind, 2, true, mostBytes);
      int keys = random.nextBoolean() ? 40 : 4_000;
      for (int step = 0; step < 20_000; step++) {
        step(random, keys, model, cache);
        if (random.nextInt(4_000) == 0) {
          assertThat(cache.estimatedCount()).isBetween(0L, 2 * model.estimatedCount());
          assertSame(model.freeze(), cache.freeze());
          assertThat(cache.estimatedCount()).isEqualTo(model.estimatedCount());
          // As if they had been restored: what there is, nobody knows.
          cache = new RowCache(behind, 2, false, mostBytes);
        }
      }
      assertSame(model.freeze(), cache.freeze());
    }
  }

  private static void step(Random random, int keys, Rows model, Rows cache) {
    byte[] key = key(random, random.nextInt(4) == 0 ? keys : 10);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> {
        byte[] value = value(random);
        model.put(key, value);
        cache.put(key, value);
      }
      case 4 -> {
        byte[] value = value(random);
        model.append(key, value);
        cache.append(key, value);
      }
      case 5, 6 -> {
        model.delete(key);
        cache.delete(key);
      }
      case 7 -> {
        if (random.nextInt(20) == 0) {
          byte[] to = RowKeys.after(Arrays.copyOf(key, 2 + random.nextInt(key.length - 1)));
          assertThat(scanned(cache, key, to)).isEqualTo(scanned(model, key, to));
        }
      }
      default -> assertThat(cache.get(key)).isEqualTo(model.get(key));
    }
  }

  private static byte[] key(Random random, int most) {
    int number = random.nextInt(most);
    int table = number % 5 == 4 ? 300 : number % 5;
    byte[] key = new byte[3 + number % 29 + (number % 1_000 == 7 ? 300 : 0)];
    key[0] = (byte) (table >> 8);
    key[1] = (byte) table;
    key[2] = (byte) number;
    for (int i = 3; i < key.length; i++) {
      key[i] = (byte) (number >>> i % 4 * 8);
    }
    return key;
  }

  private static byte[] value(Random random) {
    int most = random.nextInt(100) == 0 ? 10_000 : random.nextInt(10) == 0 ? 300 : 12;
    byte[] value = new byte[random.nextInt(most)];
    random.nextBytes(value);
    return value;
  }

  private static void assertSame(Rows.View model, Rows.View view) {
    var expected = new ArrayList<String>();
    model.scan(new byte[0], END, (key, value) -> add(expected, key, value));
    var found = new ArrayList<String>();
    view.scan(new byte[0], END, (key, value) -> add(found, key, value));
    assertThat(found).isEqualTo(expected);
  }

  private static List<String> scanned(Rows rows, byte[] from, byte[] to) {
    var found = new ArrayList<String>();
    rows.scan(from, to, (key, value) -> add(found, key, value));
    return found;
  }

  private static boolean add(List<String> found, byte[] key, byte[] value) {
    return found.add(Arrays.toString(key) + "=" + Arrays.toString(value));
  }

  @Test
  void rowsThatComeAndGoNeverReachTheDisk() {
    var disk = new Counted();
    var cache = new RowCache(disk.rows(), 0, true, 1 << 16);
    for (int i = 0; i < 100_000; i++) {
      byte[] key = RowKeys.numbered(3, i);
      assertThat(cache.get(key)).isNull();
      cache.put(key, new byte[] {1});
      assertThat(cache.get(key)).containsExactly(1);
      cache.delete(key);
    }
    cache.freeze().close();
    assertThat(disk.calls).isZero();
  }

  @Test
  void whatWasNeverWrittenIsHardlyEverAskedFor() {
    var disk = new Counted();
    var cache = new RowCache(disk.rows(), 0, true, 1 << 20);
    int rows = 60_000;
    for (int i = 0; i < rows; i++) {
      cache.put(RowKeys.numbered(3, i), new byte[] {1});
    }
    assertThat(disk.puts).isBetween(rows / 4, rows);
    for (int i = rows; i < 2 * rows; i++) {
      assertThat(cache.get(RowKeys.numbered(3, i))).isNull();
    }
    assertThat(disk.gets).isLessThan(rows / 20);
    for (int i = 0; i < rows; i++) {
      assertThat(cache.get(RowKeys.numbered(3, i))).containsExactly(1);
    }
  }

  @Test
  void rowsStayInMemoryThatIsLentUntilThereIsNoMore() {
    var disk = new Counted(2 << 20);
    var cache = new RowCache(disk.rows(), 0, true, 1 << 16);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 30_000; i++) {
        cache.put(RowKeys.numbered(3, i), new byte[] {(byte) round});
      }
    }
    assertThat(disk.calls).isZero();

    for (int i = 0; i < 120_000; i++) {
      cache.put(RowKeys.numbered(3, i), new byte[] {1});
    }
    assertThat(disk.puts).isBetween(40_000, 120_000);
  }

  @Test
  void aCheckpointHasNoMoreToWriteThanHoldsUpTheStreamForAMoment() {
    var disk = new Counted();
    var cache = new RowCache(disk.rows(), 0, true, 64 << 20);
    int rows = 700_000;
    for (int i = 0; i < rows; i++) {
      cache.put(RowKeys.numbered(3, i), new byte[] {1});
    }
    assertThat(disk.puts).isBetween(rows / 2, rows - 1);
    cache.freeze().close();
    assertThat(disk.puts).isEqualTo(rows);
  }

  @Test
  void rowsInUseStayWhileOthersPassBy() {
    var disk = new Counted();
    var cache = new RowCache(disk.rows(), 0, true, 1 << 16);
    for (int i = 0; i < 100_000; i++) {
      cache.put(RowKeys.numbered(3, i), new byte[] {1});
      byte[] used = RowKeys.numbered(4, i % 50);
      cache.get(used);
      cache.put(used, new byte[] {(byte) i});
    }
    assertThat(disk.gets).isLessThan(50);
  }

  @Test
  void aCheckpointWritesWhatHasChangedInTheOrderOfItsKeys() {
    var disk = new Counted();
    var cache = new RowCache(disk.rows(), 0, true, 1 << 20);
    for (int i = 0; i < 1_000; i++) {
      cache.put(RowKeys.numbered(3, i * 379 % 1_000), new byte[] {1});
    }
    cache.freeze().close();
    assertThat(disk.puts).isEqualTo(1_000);
    assertThat(disk.outOfOrder).isZero();
    cache.put(RowKeys.numbered(3, 7), new byte[] {2});
    cache.freeze().close();
    assertThat(disk.puts).isEqualTo(1_001);
    assertThat(disk.calls).isEqualTo(disk.puts + 2);
  }

  /** Rows in memory, and what they are asked to do. */
  private static final class Counted {
    private final MemoryRows rows;
    private int calls;
    private int gets;
    private int puts;
    private int outOfOrder;
    private byte[] last = {};

    Counted() {
      this(0);
    }

    /**
     * @param toLend bytes of memory
     */
    Counted(long toLend) {
      rows = new MemoryRows(toLend);
    }

    Rows rows() {
      return new Rows() {
        @Override
        public boolean lend(long bytes) {
          return rows.lend(bytes);
        }

        @Override
        public byte[] get(byte[] key) {
          calls++;
          gets++;
          return rows.get(key);
        }

        @Override
        public void put(byte[] key, byte[] value) {
          throw new AssertionError("small rows are put in batches");
        }

        @Override
        public void append(byte[] key, byte[] value) {
          throw new AssertionError("nothing was appended");
        }

        @Override
        public void delete(byte[] key) {
          throw new AssertionError("small rows are deleted in batches");
        }

        @Override
        public long estimatedBytes(byte[] from, byte[] to) {
          return rows.estimatedBytes(from, to);
        }

        @Override
        public Batch batch() {
          Batch batch = rows.batch();
          return new Batch() {
            @Override
            public void put(byte[] bytes, int key, int keyLength, int value, int valueLength) {
              byte[] now = Arrays.copyOfRange(bytes, key, key + keyLength);
              outOfOrder += Arrays.compareUnsigned(last, now) > 0 ? 1 : 0;
              last = now;
              calls++;
              puts++;
              batch.put(bytes, key, keyLength, value, valueLength);
            }

            @Override
            public void delete(byte[] bytes, int key, int keyLength) {
              calls++;
              batch.delete(bytes, key, keyLength);
            }

            @Override
            public void write() {
              calls++;
              batch.write();
            }
          };
        }

        @Override
        public void scan(byte[] from, byte[] to, Visitor visitor) {
          rows.scan(from, to, visitor);
        }

        @Override
        public void skim(byte[] from, byte[] to, Visitor visitor) {
          rows.skim(from, to, visitor);
        }

        @Override
        public View freeze() {
          return rows.freeze();
        }

        @Override
        public StateFolder capture() {
          return rows.capture();
        }

        @Override
        public long estimatedCount() {
          return rows.estimatedCount();
        }

        @Override
        public void close() {
          rows.close();
        }
      };
    }
  }
}
