package io.millrace.runtime.state;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.KeyVisitor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import io.millrace.runtime.plan.KeyGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * State in rows of bytes, which may be far more than memory holds, behind a cache of objects. It
 * answers as a {@link HeapStateStore} does and writes the same checkpoints, so that a job may
 * change from one to the other; only timers of the same time may fire in another order.
 *
 * <p>A freeze writes back what has changed in the cache and keeps a view of the rows; all else is
 * done by whoever writes the checkpoint. A capture keeps the files of the rows instead, which only
 * stores of rows can read.
 */
public final class RowStateStore implements StateStore {
  /** Number of the table that blocks are in which were set aside. */
  static final int RESTORED = TimerDomain.values().length;

  private static final int FIRST_STATE = RESTORED + 1;

  /** Of the keys that are visited, how many are in memory. */
  private static final int KEYS_AT_ONCE = 1_000;

  private final Serializer<Object> keySerializer;
  private final int firstGroup;
  private final int groupCount;
  private final int maxParallelism;
  private final ClassLoader loader;
  private final JoiningStates joining;
  private final RestoredKeys restoredKeys;
  private final Rows rows;
  private final RowKeys keys;
  private final ObjectCache cache;

  /** Rows outlive the program as files of checkpoints. */
  private final DataWriter writer = DataWriter.describing(256);

  private final Map<String, RowTable> tables = new LinkedHashMap<>();
  private final EnumMap<TimerDomain, RowTimers> timers = new EnumMap<>(TimerDomain.class);

  /** States that came in rows and that nobody has asked for. */
  private final Map<String, List<RowHead.Table>> unclaimed = new LinkedHashMap<>();

  private int nextTable = FIRST_STATE;

  /** Blocks of a checkpoint whose state nobody has asked for; their bytes are rows. */
  private final Map<String, List<Portable.Block>> restored = new LinkedHashMap<>();

  private int blocksRestored;
  private long order;

  /** Nobody else's: it may be in the cache. */
  private Object key;

  private int hash;
  private int group = -1;

  /** Counts changes of the key, so that a table knows whether its cell is the current key's. */
  private long turn;

  /** The current key in bytes, {@code null} until a timer needs it. */
  private byte[] keyBytes;

  private boolean hasRestored;
  private long firedTime;
  private LongSupplier wallMillis = () -> 0;

  /**
   * @param firstGroup first key group of the subtask
   * @param lastGroup its last one
   * @param loader resolves classes named in checkpoints
   * @param rows empty ones; closed with the store
   * @param cacheBytes size of the objects in front of the rows, by estimate from what they take as
   *     bytes
   */
  public static RowStateStore create(
      Serializer<Object> keySerializer,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader,
      Rows rows,
      long cacheBytes) {
    return new RowStateStore(
        keySerializer,
        firstGroup,
        lastGroup - firstGroup + 1,
        maxParallelism,
        loader,
        rows,
        true,
        cacheBytes);
  }

  /** Where rows come from. May wait for local disk. */
  public interface RowsFactory {
    Rows empty();

    /** Those of the folder, which they take for themselves. */
    Rows of(StateFolder captured);
  }

  /**
   * As {@link #create}, with what {@link #capture} has left in this and other stores; the folders
   * are used up.
   */
  public static RowStateStore open(
      Serializer<Object> keySerializer,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader,
      RowsFactory factory,
      long cacheBytes,
      List<CapturedRows> captured) {
    int count = lastGroup - firstGroup + 1;
    List<RowHead> heads = captured.stream().map(each -> RowHead.read(each.head())).toList();
    boolean same =
        heads.size() == 1 && heads.get(0).fits(firstGroup, count, Shape.of(keySerializer));
    Rows rows = same ? factory.of(captured.get(0).folder()) : factory.empty();
    var store =
        new RowStateStore(
            keySerializer, firstGroup, count, maxParallelism, loader, rows, !same, cacheBytes);
    try {
      for (int i = 0; i < heads.size(); i++) {
        if (same) {
          store.adopt(heads.get(i));
        } else {
          Rows from = factory.of(captured.get(i).folder());
          try {
            new RowMerge(from, heads.get(i), store.firstGroup, count).into(store);
          } finally {
            from.close();
          }
        }
      }
      store.timers.values().forEach(RowTimers::load);
      return store;
    } catch (RuntimeException | Error e) {
      rows.close();
      throw e;
    }
  }

  private RowStateStore(
      Serializer<Object> keySerializer,
      int firstGroup,
      int groupCount,
      int maxParallelism,
      ClassLoader loader,
      Rows rows,
      boolean empty,
      long cacheBytes) {
    this.keySerializer = keySerializer;
    this.restoredKeys = new RestoredKeys(keySerializer);
    this.firstGroup = firstGroup;
    this.groupCount = groupCount;
    this.maxParallelism = maxParallelism;
    this.loader = loader;
    this.joining = new JoiningStates(this, loader);
    long objectBytes = cacheBytes / 2;
    this.rows = new RowCache(rows, FIRST_STATE, empty, cacheBytes - objectBytes);
    this.keys = new RowKeys(keySerializer, loader);
    this.cache = new ObjectCache(objectBytes);
    for (TimerDomain domain : TimerDomain.values()) {
      timers.put(domain, new RowTimers(domain.ordinal(), rows, keys, firstGroup, groupCount));
    }
  }

  // --- the current key

  @Override
  public void setCurrentKey(Object newKey) {
    int stable = keySerializer.hash(newKey);
    int newGroup = KeyGroups.groupOf(stable, maxParallelism);
    KeyGroups.checkOwn(newGroup, firstGroup, groupCount);
    setKey(keySerializer.copy(newKey), stable, newGroup, null);
  }

  @Override
  public void clearCurrentKey() {
    setKey(null, 0, -1, null);
  }

  private void setKey(Object newKey, int stableHash, int newGroup, byte[] bytes) {
    cache.makeRoom();
    key = newKey;
    hash = HeapStateStore.spread(stableHash);
    group = newGroup;
    keyBytes = bytes;
    turn++;
  }

  @Override
  public Object currentKey() {
    return key == null ? null : keySerializer.copy(key);
  }

  @Override
  public int currentKeyGroup() {
    return currentGroup();
  }

  private int currentGroup() {
    if (group < 0) {
      throw new IllegalStateException(
          "state under a key was used while no key is current; use it only while a record or timer is"
              + " processed");
    }
    return group;
  }

  private byte[] currentKeyBytes() {
    if (keyBytes == null) {
      keyBytes = keys.bytes(key);
    }
    return keyBytes;
  }

  // --- states

  @Override
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor) {
    T none = descriptor.defaultValue();
    if (descriptor.timeToLive().isEnabled()) {
      RowTable table = table(descriptor);
      Serializer<T> copier = descriptor.type().serializer(loader);
      return expiry(descriptor, table)
          .over(new RowValue<>(this, table, null, null), () -> copier.copy(none));
    }
    Serializer<T> serializer = none == null ? null : descriptor.type().serializer(loader);
    return new RowValue<>(this, table(descriptor), none, serializer);
  }

  @Override
  public <T> ListState<T> list(ListStateDescriptor<T> descriptor) {
    if (descriptor.timeToLive().isEnabled()) {
      RowTable table = table(descriptor);
      return expiry(descriptor, table).over(new RowList<Timed>(this, table));
    }
    return new RowList<>(this, table(descriptor));
  }

  @Override
  public <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor) {
    if (descriptor.timeToLive().isEnabled()) {
      RowTable table = table(descriptor);
      return expiry(descriptor, table).over(new RowMap<K, Timed>(this, table));
    }
    return new RowMap<>(this, table(descriptor));
  }

  private Expiry expiry(StateDescriptor descriptor, RowTable table) {
    StateTtlConfig config = descriptor.timeToLive();
    int entries = config.cleanupEntries();
    if (entries == 0) {
      return new Expiry(config, this::now, now -> {});
    }
    RowSweep sweep = table.sweep(this, config.timeToLive().toMillis());
    return new Expiry(config, this::now, now -> sweep.step(entries, now));
  }

  @Override
  public void clock(LongSupplier newWallMillis) {
    wallMillis = newWallMillis;
  }

  private long now() {
    return wallMillis.getAsLong();
  }

  @Override
  public <T> ReducingState<T> reducing(ReducingStateDescriptor<T> descriptor) {
    return joining.reducing(descriptor);
  }

  @Override
  public <IN, ACC, OUT> AggregatingState<IN, OUT> aggregating(
      AggregatingStateDescriptor<IN, ACC, OUT> descriptor) {
    return joining.aggregating(descriptor);
  }

  @Override
  public void forEachKey(StateDescriptor descriptor, KeyVisitor visitor) throws Exception {
    RowTable table = table(descriptor);
    cache.writeBack();
    byte[] from = RowKeys.first(table.id());
    for (var some = keyRows(table, from); !some.isEmpty(); some = keyRows(table, from)) {
      for (byte[] row : some) {
        Object each = keys.key(row);
        setKey(each, keySerializer.hash(each), RowKeys.group(row), null);
        visitor.visit(currentKey());
      }
      from = RowKeys.after(some.get(some.size() - 1));
    }
    clearCurrentKey();
  }

  /** The beginnings of the table's rows up to the end of the key, each once: the next few. */
  private List<byte[]> keyRows(RowTable table, byte[] from) {
    var found = new ArrayList<byte[]>();
    rows.scan(
        from,
        RowKeys.first(table.id() + 1),
        (row, value) -> {
          byte[] begin = Arrays.copyOf(row, RowKeys.keyEnd(row));
          if (found.isEmpty() || !Arrays.equals(found.get(found.size() - 1), begin)) {
            if (found.size() == KEYS_AT_ONCE) {
              return false;
            }
            found.add(begin);
          }
          return true;
        });
    return found;
  }

  /** What the table has under the current key. */
  Cell cell(RowTable table) {
    if (table.turn == turn) {
      return table.cell;
    }
    currentGroup();
    Cell cell = cache.find(table, hash, key);
    if (cell == null) {
      cell = table.newCell(new ObjectCache.Slot(table, hash, group, key), this);
      cache.add(cell);
    }
    table.cell = cell;
    table.turn = turn;
    return cell;
  }

  private RowTable table(StateDescriptor descriptor) {
    RowTable known = tables.get(descriptor.name());
    StateKind kind = StateKind.declared(descriptor, loader, known == null ? null : known.kind());
    if (known != null) {
      return known;
    }
    refusal(descriptor.name(), kind)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    var table = claimed(descriptor.name(), kind);
    tables.put(table.name(), table);
    fill(table, restored.remove(table.name()));
    return table;
  }

  /** Why rows cannot keep such a state, and what to do. */
  static Optional<String> refusal(String name, StateKind kind) {
    if (kind instanceof StateKind.Mapped mapped && !mapped.key().hashable()) {
      return Optional.of(
          "the keys of map state '"
              + name
              + "' ("
              + kind.types()
              + ") have no form in bytes that is the same for equal keys, such as sets and maps;"
              + " RocksDB cannot find them: choose another type, or state.backend.type: hashmap");
    }
    return Optional.empty();
  }

  private void fill(RowTable table, List<Portable.Block> blocks) {
    if (blocks == null) {
      return;
    }
    long now = now();
    for (Portable.Block block : blocks) {
      byte[] row = RowKeys.numbered(RESTORED, block.number());
      byte[] bytes = rows.get(row);
      Portable.reading(
          table.name(), () -> table.restore(this, block, new DataReader(bytes, loader), now));
      rows.delete(row);
    }
  }

  /** The table, with all rows that have waited for it as it wants them. */
  private RowTable claimed(String name, StateKind kind) {
    var waiting = new ArrayList<>(unclaimed.getOrDefault(name, List.of()));
    unclaimed.remove(name);
    RowTable table = null;
    for (RowHead.Table each : waiting) {
      var asItIs = new RowTable(each.id(), name, kind);
      if (table == null && asItIs.holds(each.holds(), keys.shape())) {
        table = asItIs;
      }
    }
    if (table == null) {
      table = new RowTable(nextTable++, name, kind);
    }
    for (RowHead.Table each : waiting) {
      if (each.id() != table.id()) {
        restoredKeys.check(name, each.holds().keys());
        table.restore(this, each, now());
      }
    }
    return table;
  }

  // --- timers

  @Override
  public void setTimer(TimerDomain domain, long timeMillis) {
    timers.get(domain).set(timeMillis, currentGroup(), currentKeyBytes());
  }

  @Override
  public void deleteTimer(TimerDomain domain, long timeMillis) {
    timers.get(domain).delete(timeMillis, currentGroup(), currentKeyBytes());
  }

  /** Files hold them as timers; what was written by a store on the heap does not. */
  @Override
  public boolean forgetsWakes() {
    return hasRestored;
  }

  @Override
  public long earliestTimer(TimerDomain domain) {
    return timers.get(domain).earliest();
  }

  @Override
  public boolean fireNext(TimerDomain domain, long upTo) {
    return fired(timers.get(domain).next(upTo));
  }

  @Override
  public boolean fireNext(TimerDomain domain, long upTo, KeyGroupRange groups) {
    return fired(timers.get(domain).next(upTo, groups));
  }

  private boolean fired(RowTimers.Due due) {
    if (due == null) {
      return false;
    }
    Object dueKey = keySerializer.read(new DataReader(due.key(), loader));
    setKey(dueKey, keySerializer.hash(dueKey), due.group(), due.key());
    firedTime = due.time();
    return true;
  }

  @Override
  public long firedTime() {
    return firedTime;
  }

  // --- checkpoints

  @Override
  public FrozenState freeze() {
    writeBack();
    var frozen = new RowFreeze(keys, loader, List.copyOf(tables.values()), RESTORED, now());
    timers.forEach((domain, each) -> frozen.timers(Portable.TIMERS + domain.name(), each.table()));
    unclaimed.values().forEach(tables -> tables.forEach(frozen::unclaimed));
    restored.forEach((name, blocks) -> alike(blocks).forEach(some -> frozen.untouched(name, some)));
    return frozen.of(rows.freeze());
  }

  @Override
  public FrozenState capture() {
    writeBack();
    var all = new ArrayList<RowHead.Table>();
    unclaimed.values().forEach(some -> some.forEach(each -> all.add(each.measured(rows))));
    for (RowTable table : tables.values()) {
      StateKind kind = table.kind();
      all.add(
          new RowHead.Table(
                  table.id(),
                  table.name(),
                  new Portable.Block(kind.code(), kind.types(), kind.shape(), keys.shape(), -1, -1),
                  StateContents.UNKNOWN)
              .measured(rows));
    }
    var setAside = new ArrayList<RowHead.NamedBlock>();
    restored.forEach(
        (name, blocks) ->
            blocks.forEach(block -> setAside.add(new RowHead.NamedBlock(name, block))));
    var head =
        new RowHead(
            keys.shape(),
            timersThereAre(),
            firstGroup,
            groupCount,
            order,
            nextTable,
            blocksRestored,
            all,
            setAside);
    return new CapturedRows(head.write(), rows.capture()).frozen();
  }

  /** Bytes by domain, of those that have any. */
  private Map<TimerDomain, Long> timersThereAre() {
    var some = new EnumMap<TimerDomain, Long>(TimerDomain.class);
    timers.forEach(
        (domain, each) -> {
          if (each.earliest() != Long.MAX_VALUE) {
            some.put(domain, RowHead.bytes(rows, each.table()));
          }
        });
    return some;
  }

  private void writeBack() {
    cache.writeBack();
    timers.values().forEach(RowTimers::writeBack);
  }

  /** The rows are those of the head. */
  private void adopt(RowHead head) {
    order = head.order();
    nextTable = head.nextTable();
    blocksRestored = head.nextBlock();
    head.tables().forEach(this::wait);
    head.setAside().forEach(named -> setAside(named.state(), named.block()));
  }

  private void wait(RowHead.Table table) {
    unclaimed.computeIfAbsent(table.name(), name -> new ArrayList<>()).add(table);
  }

  // --- for rows that come from elsewhere

  /** The number that rows of such a state have here until somebody asks for it. */
  int tableFor(String state, Portable.Block holds) {
    Portable.Block section = holds.section();
    for (RowHead.Table known : unclaimed.getOrDefault(state, List.of())) {
      if (known.holds().equals(section)) {
        return known.id();
      }
    }
    var table = new RowHead.Table(nextTable++, state, section, StateContents.UNKNOWN);
    wait(table);
    return table.id();
  }

  int newBlock() {
    return blocksRestored++;
  }

  void setAside(String state, Portable.Block block) {
    restored.computeIfAbsent(state, n -> new ArrayList<>()).add(block);
  }

  void orderFrom(long atLeast) {
    order = Math.max(order, atLeast);
  }

  @Override
  public void restore(byte[] frozen) {
    hasRestored = true;
    Portable.read(
        new DataReader(frozen, loader),
        restoredKeys,
        (name, block, bytes) -> {
          if (block.group() < firstGroup || block.group() >= firstGroup + groupCount) {
            return;
          }
          RowTimers domain = timersOf(name);
          if (domain != null) {
            domain.restore(
                block.group(), restoredKeys.reader(block.keys()), new DataReader(bytes, loader));
            return;
          }
          if (RawRows.are(block)) {
            claimable(name, block, bytes);
            return;
          }
          Portable.Block kept = block.numbered(newBlock());
          rows.put(RowKeys.numbered(RESTORED, kept.number()), bytes);
          setAside(name, kept);
        });
    for (RowTable table : tables.values()) {
      fill(table, restored.remove(table.name()));
      List<RowHead.Table> more = unclaimed.remove(table.name());
      if (more != null) {
        more.forEach(each -> table.restore(this, each, now()));
      }
    }
  }

  /** Blocks that can stand in one section; several versions of a program may have written some. */
  private static Collection<List<Portable.Block>> alike(List<Portable.Block> blocks) {
    var alike = new LinkedHashMap<Portable.Block, List<Portable.Block>>();
    for (Portable.Block block : blocks) {
      alike.computeIfAbsent(block.section(), each -> new ArrayList<>()).add(block);
    }
    return alike.values();
  }

  /** Rows that come as rows. */
  private void claimable(String name, Portable.Block block, byte[] bytes) {
    Portable.Block holds = RawRows.plain(block);
    boolean map = StateKind.isMap(holds.kind());
    RawRows.read(
        bytes,
        block.group(),
        tableFor(name, holds),
        (row, value) -> {
          rows.put(row, value);
          if (map) {
            orderFrom(MapCell.order(value) + 1);
          }
          return true;
        });
  }

  private RowTimers timersOf(String name) {
    for (TimerDomain domain : TimerDomain.values()) {
      if (name.equals(Portable.TIMERS + domain.name())) {
        return timers.get(domain);
      }
    }
    if (name.startsWith(Portable.TIMERS)) {
      throw new CorruptDataException("there are no timers called '" + name + "'");
    }
    return null;
  }

  @Override
  public long entryCount() {
    return rows.estimatedCount();
  }

  @Override
  public void close() {
    rows.close();
  }

  // --- for what is in the cache

  Rows rows() {
    return rows;
  }

  RowKeys keys() {
    return keys;
  }

  RestoredKeys restoredKeys() {
    return restoredKeys;
  }

  ObjectCache cache() {
    return cache;
  }

  ClassLoader loader() {
    return loader;
  }

  /** An empty writer, to be used before the next call. */
  DataWriter writer() {
    writer.reset();
    return writer;
  }

  DataReader reader(byte[] bytes, int offset, int length) {
    return new DataReader(bytes, offset, length, loader);
  }

  /** Grows from call to call. */
  long nextOrder() {
    return order++;
  }
}
