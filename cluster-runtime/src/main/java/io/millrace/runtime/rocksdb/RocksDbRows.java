package io.millrace.runtime.rocksdb;

import io.millrace.api.type.DataWriter;
import io.millrace.runtime.disk.DiskFolder;
import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileReader;
import org.rocksdb.StringAppendOperator;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Rows in a database of their own. Nothing in it outlives the task but what was captured for a
 * checkpoint, so there is no log of writes, and the folder is deleted with the rows.
 *
 * <p>Once reading or writing has failed, every further call fails with the same words: who wrote a
 * checkpoint on another thread may have been the one who found a damaged file.
 */
public final class RocksDbRows implements Rows {
  private static final long READ_AHEAD = 2L << 20;
  private static final int BLOOM_BITS = 10;

  /** Of a write buffer, for the filter that spares most rows in files a search of it first. */
  private static final double MEMORY_FILTER = 0.1;

  /**
   * A file in which so many of so many rows in a row are deletions is compacted soon: whoever
   * passes by steps over each of them, and fired timers and expired state leave long runs of them.
   */
  private static final int DELETIONS_WINDOW = 1 << 12;

  private static final int DELETIONS_IN_WINDOW = 3 << 10;

  /** At the beginning of each key. */
  private static final int GROUP_BYTES = 4;

  /** Each checkpoint has all of it. */
  private static final long MANIFEST_BYTES = 256 << 10;

  private static final String MANIFEST = "MANIFEST-";
  private static final String CURRENT = "CURRENT";
  private static final String TABLE = ".sst";

  private final Path folder;

  /** Native objects, to be closed in the reverse order. */
  private final List<AutoCloseable> parts = new ArrayList<>();

  private final Options options;
  private final RocksDB db;
  private final WriteOptions writes;
  private final ReadOptions reads;

  /** Guarded by this: the task, and each view that is not closed. */
  private int users = 1;

  private boolean closed;

  private final RocksDbMemory memory;
  private long lent;
  private int captures;
  private volatile LocalStateException failure;

  /**
   * Opens an empty database.
   *
   * @param folder that does not exist; deleted with the rows
   */
  public static RocksDbRows open(Path folder, RocksDbMemory memory) throws IOException {
    return open(DiskFolder.make(folder), memory, true);
  }

  /**
   * Opens the database that {@link #capture} has left files of.
   *
   * @param captured becomes the database's own; deleted with the rows, or at once if it cannot be
   *     opened
   */
  public static RocksDbRows of(DiskFolder captured, RocksDbMemory memory) throws IOException {
    try {
      for (StateFolder.File file : captured.files()) {
        if (file.name().startsWith(MANIFEST)) {
          captured.write(
              CURRENT, List.of((file.name() + "\n").getBytes(StandardCharsets.US_ASCII)));
        }
      }
    } catch (IOException e) {
      captured.delete();
      throw e;
    }
    return open(captured, memory, false);
  }

  private static RocksDbRows open(DiskFolder own, RocksDbMemory memory, boolean fresh)
      throws IOException {
    Path folder = own.path();
    try {
      return new RocksDbRows(folder, memory, fresh);
    } catch (RocksDBException e) {
      DiskFolder.delete(folder);
      throw new IOException("RocksDB cannot be opened in " + folder + ": " + e.getMessage(), e);
    }
  }

  private RocksDbRows(Path folder, RocksDbMemory memory, boolean fresh) throws RocksDBException {
    this.folder = folder;
    this.memory = memory;
    this.options = part(options());
    options
        .setCreateIfMissing(fresh)
        .setErrorIfExists(fresh)
        .setParanoidChecks(true)
        .setAvoidFlushDuringShutdown(true)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(1)
        .setMaxLogFileSize(1 << 20)
        .setStatsDumpPeriodSec(0)
        .setMaxManifestFileSize(MANIFEST_BYTES)
        .setWriteBufferManager(memory.writeBuffers());
    options
        .setWriteBufferSize(memory.writeBufferBytes())
        .setParanoidFileChecks(true)
        .setForceConsistencyChecks(true)
        .setCompactionStyle(CompactionStyle.UNIVERSAL)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setMemtablePrefixBloomSizeRatio(MEMORY_FILTER)
        .setMemtableWholeKeyFiltering(true)
        .setMergeOperator(part(new StringAppendOperator("")))
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(memory.cache())
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinTopLevelIndexAndFilter(false)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setFilterPolicy(part(new BloomFilter(BLOOM_BITS))));
    options.setTablePropertiesCollectorFactory(
        List.of(
            part(
                TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    DELETIONS_WINDOW, DELETIONS_IN_WINDOW, 0))));
    this.writes = part(new WriteOptions()).setDisableWAL(true);
    this.reads = part(new ReadOptions());
    try {
      this.db = part(RocksDB.open(options, folder.toString()));
    } catch (RocksDBException e) {
      closeParts();
      throw e;
    }
  }

  /**
   * Rows that are written come in order, state by state and group by group: each goes on beside the
   * one before, where otherwise it would be looked for from the top of the memory table.
   */
  private static Options options() {
    var named = new Properties();
    named.setProperty(
        "memtable_insert_with_hint_prefix_extractor", "rocksdb.FixedPrefix." + GROUP_BYTES);
    try (var whole = new DBOptions();
        var rows = ColumnFamilyOptions.getColumnFamilyOptionsFromProps(named)) {
      return new Options(whole, rows);
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.add(part);
    return part;
  }

  @Override
  public byte[] get(byte[] key) {
    check();
    try {
      return db.get(reads, key);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public void put(byte[] key, byte[] value) {
    check();
    try {
      db.put(writes, key, value);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public void append(byte[] key, byte[] value) {
    check();
    try {
      db.merge(writes, key, value);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public void delete(byte[] key) {
    check();
    try {
      db.delete(writes, key);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public Batch batch() {
    check();
    return new Encoded();
  }

  private void write(byte[] encoded) {
    try (var batch = new WriteBatch(encoded)) {
      db.write(writes, batch);
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  /**
   * A batch as RocksDB keeps it, made here: handing over each row by itself costs more than writing
   * it. A number that RocksDB fills in (8 bytes), how many changes follow (4), and of each a byte
   * that says what it is, and key and value with their lengths as varints in front.
   */
  private final class Encoded implements Batch {
    private static final int MOST_BYTES = 256 << 10;
    private static final int COUNT = 8;
    private static final byte DELETION = 0;
    private static final byte VALUE = 1;

    private final DataWriter out = new DataWriter(1 << 12);
    private int count;

    Encoded() {
      begin();
    }

    private void begin() {
      out.reset();
      out.writeLong(0);
      out.writeInt(0);
      count = 0;
    }

    @Override
    public void put(byte[] bytes, int key, int keyLength, int value, int valueLength) {
      out.writeByte(VALUE);
      out.writeVarInt(keyLength);
      out.writeBytes(bytes, key, keyLength);
      out.writeVarInt(valueLength);
      out.writeBytes(bytes, value, valueLength);
      added();
    }

    @Override
    public void delete(byte[] bytes, int key, int keyLength) {
      out.writeByte(DELETION);
      out.writeVarInt(keyLength);
      out.writeBytes(bytes, key, keyLength);
      added();
    }

    private void added() {
      count++;
      if (out.position() > MOST_BYTES) {
        write();
      }
    }

    @Override
    public void write() {
      if (count > 0) {
        out.patchInt(COUNT, Integer.reverseBytes(count));
        RocksDbRows.this.write(out.toByteArray());
        begin();
      }
    }
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    scan(from, to, true, visitor);
  }

  @Override
  public void skim(byte[] from, byte[] to, Visitor visitor) {
    scan(from, to, false, visitor);
  }

  private void scan(byte[] from, byte[] to, boolean keep, Visitor visitor) {
    check();
    try (var end = new Slice(to);
        var options = new ReadOptions().setIterateUpperBound(end).setFillCache(keep)) {
      scan(options, from, visitor);
    }
  }

  private void scan(ReadOptions options, byte[] from, Visitor visitor) {
    try (RocksIterator row = db.newIterator(options)) {
      for (row.seek(from); row.isValid(); row.next()) {
        if (!visitor.row(row.key(), row.value())) {
          return;
        }
      }
      // At its end as well as at a damaged block it is not valid.
      row.status();
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public View freeze() {
    check();
    synchronized (this) {
      users++;
    }
    return new Frozen(db.getSnapshot());
  }

  /**
   * Writes what is in memory to a file, which takes as long as that file is large, and gives all
   * files a second place.
   */
  @Override
  public StateFolder capture() {
    check();
    Path at = folder.resolveSibling(folder.getFileName() + "-cut-" + ++captures);
    try (Checkpoint checkpoint = Checkpoint.create(db)) {
      checkpoint.createCheckpoint(at.toString());
      keepOnly(at);
      return new DiskFolder(at, name -> name.endsWith(TABLE), this::verify);
    } catch (RocksDBException e) {
      DiskFolder.delete(at);
      throw failed(e);
    } catch (IOException e) {
      DiskFolder.delete(at);
      throw new LocalStateException(
          "local state in " + folder + " cannot be captured: " + e.getMessage(), e);
    }
  }

  /** The rest is empty, or can be made again. */
  private static void keepOnly(Path captured) throws IOException {
    try (Stream<Path> files = Files.list(captured)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(TABLE) && !name.startsWith(MANIFEST)) {
          Files.delete(file);
        }
      }
    }
  }

  /** Reads all blocks of a table and compares their checksums. */
  private void verify(Path file) throws IOException {
    if (!file.toString().endsWith(TABLE)) {
      return;
    }
    try (var plain = new Options();
        var reader = new SstFileReader(plain)) {
      reader.open(file.toString());
      reader.verifyChecksum();
    } catch (RocksDBException e) {
      throw new IOException(failed(e).getMessage(), e);
    }
  }

  @Override
  public boolean lend(long bytes) {
    if (!memory.lend(bytes)) {
      return false;
    }
    lent += bytes;
    return true;
  }

  @Override
  public long estimatedCount() {
    try {
      return db.getLongProperty("rocksdb.estimate-num-keys");
    } catch (RocksDBException e) {
      throw failed(e);
    }
  }

  @Override
  public long estimatedBytes(byte[] from, byte[] to) {
    check();
    try (var first = new Slice(from);
        var last = new Slice(to)) {
      return db.getApproximateSizes(
              List.of(new Range(first, last)),
              SizeApproximationFlag.INCLUDE_FILES,
              SizeApproximationFlag.INCLUDE_MEMTABLES)[0];
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    memory.giveBack(lent);
    release();
  }

  private void release() {
    synchronized (this) {
      if (--users > 0) {
        return;
      }
    }
    db.cancelAllBackgroundWork(true);
    closeParts();
    DiskFolder.delete(folder);
  }

  private void closeParts() {
    for (int i = parts.size() - 1; i >= 0; i--) {
      try {
        parts.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException("a part of RocksDB did not close: " + e.getMessage(), e);
      }
    }
  }

  /** Everything in memory goes into files, and these into as few as may be; for tests of files. */
  void settle() throws RocksDBException {
    try (var options = new FlushOptions()) {
      db.flush(options);
    }
    db.compactRange();
  }

  private void check() {
    LocalStateException known = failure;
    if (known != null) {
      throw new LocalStateException(known.getMessage(), known);
    }
  }

  private LocalStateException failed(RocksDBException e) {
    String reason = e.getMessage();
    String remedy =
        reason != null && reason.contains("cache being full")
            ? "; raise taskmanager.memory.managed.size"
            : "";
    failure =
        new LocalStateException(
            "local state in " + folder + " cannot be used: " + reason + remedy, e);
    return failure;
  }

  private final class Frozen implements View {
    private final Snapshot snapshot;
    private boolean open = true;

    Frozen(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    @Override
    public void scan(byte[] from, byte[] to, Visitor visitor) {
      check();
      try (var end = new Slice(to);
          var options =
              new ReadOptions()
                  .setIterateUpperBound(end)
                  .setSnapshot(snapshot)
                  .setFillCache(false)
                  .setReadaheadSize(READ_AHEAD)) {
        RocksDbRows.this.scan(options, from, visitor);
      }
    }

    @Override
    public synchronized void close() {
      if (open) {
        open = false;
        db.releaseSnapshot(snapshot);
        snapshot.close();
        release();
      }
    }
  }
}
