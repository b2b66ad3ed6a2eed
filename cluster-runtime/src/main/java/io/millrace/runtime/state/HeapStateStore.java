package io.millrace.runtime.state;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.Flattening;
import io.millrace.api.state.KeyVisitor;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapState;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.StateMigrationException;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import io.millrace.runtime.plan.KeyGroups;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * State on the heap. A freeze hands out references; the first write to a page that a writer still
 * reads copies that page. State that a checkpoint holds but no operator has asked for yet stays in
 * bytes and goes into the next checkpoint as it is.
 */
public final class HeapStateStore implements StateStore {
  /** Of a checkpoint whose state is {@link CapturedRows}, and what to do. */
  public static final String CANNOT_READ_FILES =
      "holds state as files of RocksDB, which state.backend.type: hashmap cannot read; set"
          + " state.backend.type: rocksdb, and to change it take a savepoint first";

  /** In a key group: beyond this they hardly stay in the processor's caches. */
  private static final int MANY_ENTRIES = 512;

  /** Of so many keys the places are looked at one after the other before they fire. */
  private static final int AHEAD = 16;

  private final Serializer<Object> keySerializer;
  private final int firstGroup;
  private final int groupCount;
  private final int maxParallelism;
  private final ClassLoader loader;
  private final JoiningStates joining;
  private final RestoredKeys restoredKeys;
  private final Versions versions = new Versions();
  private final Map<String, StateTable> tables = new LinkedHashMap<>();
  private final Map<String, List<RestoredBlock>> restored = new LinkedHashMap<>();
  private final EnumMap<TimerDomain, TimerQueue> queues = new EnumMap<>(TimerDomain.class);
  private final EnumMap<TimerDomain, StateTable> timers = new EnumMap<>(TimerDomain.class);

  /** What state asks for that is not asked for in timers. */
  private final EnumMap<TimerDomain, TimerQueue> wakes = new EnumMap<>(TimerDomain.class);

  private boolean hasRestored;

  /** Nobody else's: it may be in tables. */
  private Object key;

  private int hash;
  private int group = -1;
  private long firedTime;
  private LongSupplier wallMillis = () -> 0;

  /** The table that was read last. */
  private StateTable recent;

  private final TimerQueue.Places toTouch = this::touch;

  /** Of what was fetched early, so that it has to be. */
  private long touched;

  /** Counts what makes values that were handed out before somebody else's: keys and freezes. */
  private long moment;

  /**
   * @param firstGroup first key group of the subtask
   * @param lastGroup its last one
   * @param loader resolves classes named in checkpoints
   */
  public static HeapStateStore create(
      Serializer<Object> keySerializer,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader) {
    return new HeapStateStore(
        keySerializer, firstGroup, lastGroup - firstGroup + 1, maxParallelism, loader);
  }

  /**
   * As the other, in place of a store of rows.
   *
   * @param captured what such stores have left in files, which this one cannot read
   * @throws StateMigrationException if there is any: trying again does not help
   */
  public static HeapStateStore create(
      Serializer<Object> keySerializer,
      int firstGroup,
      int lastGroup,
      int maxParallelism,
      ClassLoader loader,
      List<CapturedRows> captured) {
    if (!captured.isEmpty()) {
      throw new StateMigrationException("the checkpoint " + CANNOT_READ_FILES);
    }
    return create(keySerializer, firstGroup, lastGroup, maxParallelism, loader);
  }

  private HeapStateStore(
      Serializer<Object> keySerializer,
      int firstGroup,
      int groupCount,
      int maxParallelism,
      ClassLoader loader) {
    this.keySerializer = keySerializer;
    this.restoredKeys = new RestoredKeys(keySerializer);
    this.firstGroup = firstGroup;
    this.groupCount = groupCount;
    this.maxParallelism = maxParallelism;
    this.loader = loader;
    this.joining = new JoiningStates(this, loader);
    for (TimerDomain domain : TimerDomain.values()) {
      queues.put(domain, new TimerQueue());
      wakes.put(domain, new TimerQueue());
      timers.put(domain, newTable(Portable.TIMERS + domain.name(), new StateKind.Times(), null));
    }
  }

  @Override
  public void setCurrentKey(Object newKey) {
    int stable = keySerializer.hash(newKey);
    int newGroup = KeyGroups.groupOf(stable, maxParallelism);
    KeyGroups.checkOwn(newGroup, firstGroup, groupCount);
    setKey(keySerializer.copy(newKey), spread(stable), newGroup);
  }

  /** If what is asked for most lately is large. */
  @Override
  public boolean foresees() {
    return recent != null && recent.entriesPerGroup() >= MANY_ENTRIES;
  }

  @Override
  public Object foresee(Object newKey) {
    int stable = keySerializer.hash(newKey);
    int itsGroup = KeyGroups.groupOf(stable, maxParallelism);
    KeyGroups.checkOwn(itsGroup, firstGroup, groupCount);
    touch(itsGroup, spread(stable));
    return keySerializer.copy(newKey);
  }

  @Override
  public void clearCurrentKey() {
    setKey(null, 0, -1);
  }

  private void setKey(Object newKey, int newHash, int newGroup) {
    key = newKey;
    hash = newHash;
    group = newGroup;
    moment++;
  }

  /**
   * Within a group all stable hashes agree modulo the number of groups: the bits are mixed once
   * more before pages are chosen.
   */
  static int spread(int stableHash) {
    int mixed = stableHash * 0x9e3779b9;
    return mixed ^ (mixed >>> 15) ^ (stableHash << 7);
  }

  @Override
  public Object currentKey() {
    return key == null ? null : keySerializer.copy(key);
  }

  @Override
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor) {
    T defaultValue = descriptor.defaultValue();
    if (descriptor.timeToLive().isEnabled()) {
      StateTable table = table(descriptor);
      Serializer<T> copier = descriptor.type().serializer(loader);
      return expiry(descriptor, table)
          .over(new KeyedValue<>(this, table, null, null), () -> copier.copy(defaultValue));
    }
    Serializer<T> serializer = defaultValue == null ? null : descriptor.type().serializer(loader);
    return new KeyedValue<>(this, table(descriptor), defaultValue, serializer);
  }

  @Override
  @SuppressWarnings("unchecked") // the state holds values of T
  public <T> ValueState<T> value(ValueStateDescriptor<T> descriptor, Flattening<T> flattening) {
    if (descriptor.timeToLive().isEnabled() || descriptor.defaultValue() != null) {
      return value(descriptor);
    }
    return new KeyedValue<>(this, table(descriptor, (Flattening<Object>) flattening), null, null);
  }

  @Override
  public <T> ListState<T> list(ListStateDescriptor<T> descriptor) {
    if (descriptor.timeToLive().isEnabled()) {
      StateTable table = table(descriptor);
      return expiry(descriptor, table).over(new KeyedList<Timed>(this, table));
    }
    return new KeyedList<>(this, table(descriptor));
  }

  @Override
  public <K, V> MapState<K, V> map(MapStateDescriptor<K, V> descriptor) {
    if (descriptor.timeToLive().isEnabled()) {
      StateTable table = table(descriptor);
      return expiry(descriptor, table).over(new KeyedMap<K, Timed>(this, table));
    }
    return new KeyedMap<>(this, table(descriptor));
  }

  private Expiry expiry(StateDescriptor descriptor, StateTable table) {
    StateTtlConfig config = descriptor.timeToLive();
    int entries = config.cleanupEntries();
    return new Expiry(
        config, this::now, entries == 0 ? now -> {} : now -> table.sweep(entries, now));
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
    StateTable table = table(descriptor);
    for (int group = firstGroup; group < firstGroup + groupCount; group++) {
      for (StateTable.Place place : table.places(group)) {
        setKey(place.key(), place.hash(), group);
        visitor.visit(currentKey());
      }
    }
    clearCurrentKey();
  }

  Object get(StateTable table) {
    recent = table;
    Object value = table.group(currentGroup()).get(hash, key);
    table.handedOut(value, moment);
    return value;
  }

  void put(StateTable table, Object value) {
    if (!table.isHandedOut(value, moment)) {
      table.group(currentGroup()).put(hash, key, value);
      table.handedOut(null, moment);
    }
  }

  void remove(StateTable table) {
    table.group(currentGroup()).remove(hash, key);
    table.handedOut(null, moment);
  }

  @Override
  public int currentKeyGroup() {
    return currentGroup();
  }

  private int currentGroup() {
    if (group < 0) {
      throw new IllegalStateException(
          "state under a key was used while no key is current; use it only while a record or timer"
              + " is processed");
    }
    return group;
  }

  private StateTable table(StateDescriptor descriptor) {
    return table(descriptor, null);
  }

  private StateTable table(StateDescriptor descriptor, Flattening<Object> flattening) {
    StateTable known = tables.get(descriptor.name());
    StateKind kind = StateKind.declared(descriptor, loader, known == null ? null : known.kind());
    if (known != null) {
      return known;
    }
    StateTable table = newTable(descriptor.name(), kind, flattening);
    tables.put(descriptor.name(), table);
    fill(table, restored.remove(descriptor.name()));
    return table;
  }

  private StateTable newTable(String name, StateKind kind, Flattening<Object> flattening) {
    return new StateTable(
        name, kind, flattening, keySerializer, restoredKeys, firstGroup, groupCount, versions);
  }

  private void fill(StateTable table, List<RestoredBlock> blocks) {
    if (blocks == null) {
      return;
    }
    long now = now();
    for (int i = 0; i < blocks.size(); i++) {
      // Let go at once: memory need not hold all of it twice.
      RestoredBlock block = blocks.set(i, null);
      if (RawRows.are(block.block)) {
        table.readRows(RawRows.plain(block.block), block.bytes, loader, now);
        continue;
      }
      Portable.reading(
          table.name(),
          () -> table.read(block.block, new DataReader(block.bytes, loader), now, (h, k, v) -> {}));
    }
  }

  @Override
  public void setTimer(TimerDomain domain, long timeMillis) {
    PagedMap map = timers.get(domain).group(currentGroup());
    long[] times = (long[]) map.get(hash, key);
    if (times == null) {
      map.put(hash, key, new long[] {timeMillis});
    } else {
      int at = Arrays.binarySearch(times, timeMillis);
      if (at >= 0) {
        return;
      }
      int place = -at - 1;
      long[] more = new long[times.length + 1];
      System.arraycopy(times, 0, more, 0, place);
      more[place] = timeMillis;
      System.arraycopy(times, place, more, place + 1, times.length - place);
      map.put(hash, key, more);
    }
    queues.get(domain).add(timeMillis, group, hash, key);
  }

  @Override
  public void deleteTimer(TimerDomain domain, long timeMillis) {
    if (removeTimer(timers.get(domain).group(currentGroup()), timeMillis)) {
      queues.get(domain).deleted(entry -> times(domain, entry));
    }
  }

  @Override
  public void wakeAt(TimerDomain domain, long timeMillis) {
    wakes.get(domain).add(timeMillis, currentGroup(), hash, key);
  }

  @Override
  public boolean forgetsWakes() {
    return hasRestored;
  }

  /** All timers of an entry's key, null if it has none. */
  private long[] times(TimerDomain domain, TimerQueue.Entry entry) {
    return (long[]) timers.get(domain).group(entry.group()).get(entry.hash(), entry.key());
  }

  /** Places that timers take in the queue, of those that are set and of some that were deleted. */
  int queuedTimers(TimerDomain domain) {
    return queues.get(domain).size();
  }

  /** Whether the current key had that timer. */
  private boolean removeTimer(PagedMap map, long time) {
    long[] times = (long[]) map.get(hash, key);
    int at = times == null ? -1 : Arrays.binarySearch(times, time);
    if (at < 0) {
      return false;
    }
    if (times.length == 1) {
      map.remove(hash, key);
    } else {
      long[] fewer = new long[times.length - 1];
      System.arraycopy(times, 0, fewer, 0, at);
      System.arraycopy(times, at + 1, fewer, at, fewer.length - at);
      map.put(hash, key, fewer);
    }
    return true;
  }

  @Override
  public long earliestTimer(TimerDomain domain) {
    return Math.min(earliestSet(domain), earliestWake(domain));
  }

  private long earliestWake(TimerDomain domain) {
    return wakes.get(domain).firstTime();
  }

  private long earliestSet(TimerDomain domain) {
    TimerQueue queue = queues.get(domain);
    for (TimerQueue.Entry next = queue.peek(); next != null; next = queue.peek()) {
      long[] times = times(domain, next);
      if (times != null && Arrays.binarySearch(times, next.time()) >= 0) {
        return next.time();
      }
      queue.remove(); // deleted since, or fired under an older entry
    }
    return Long.MAX_VALUE;
  }

  @Override
  public boolean fireNext(TimerDomain domain, long upTo) {
    long wake = earliestWake(domain);
    if (fireSet(domain, Math.min(upTo, wake))) {
      return true;
    }
    if (wake > upTo || wakes.get(domain).size() == 0) {
      return false;
    }
    TimerQueue queue = wakes.get(domain);
    if (recent != null) {
      queue.ahead(AHEAD, toTouch);
    }
    TimerQueue.Entry next = queue.peek();
    queue.remove();
    queue.fired();
    setKey(next.key(), next.hash(), next.group());
    firedTime = next.time();
    return true;
  }

  /** Looks at the place of a key in the table that was read last. */
  private void touch(int itsGroup, int itsHash) {
    touched += recent.group(itsGroup).touch(itsHash);
  }

  private boolean fireSet(TimerDomain domain, long upTo) {
    TimerQueue queue = queues.get(domain);
    for (TimerQueue.Entry next = queue.peek();
        next != null && next.time() <= upTo;
        next = queue.peek()) {
      if (fireFirst(domain, queue)) {
        return true;
      }
    }
    return false;
  }

  /** Takes the first entry, and fires its timer if that is still set. */
  private boolean fireFirst(TimerDomain domain, TimerQueue queue) {
    TimerQueue.Entry next = queue.peek();
    queue.remove();
    setKey(next.key(), next.hash(), next.group());
    if (!removeTimer(timers.get(domain).group(group), next.time())) {
      return false;
    }
    queue.fired();
    firedTime = next.time();
    return true;
  }

  @Override
  public boolean fireNext(TimerDomain domain, long upTo, KeyGroupRange groups) {
    TimerQueue queue = queues.get(domain);
    for (TimerQueue.Entry next = queue.peek();
        next != null && next.time() <= upTo;
        next = queue.peek()) {
      if (!groups.contains(next.group())) {
        queue.setAside();
      } else if (fireFirst(domain, queue)) {
        return true;
      }
    }
    queue.putBack();
    return false;
  }

  @Override
  public long firedTime() {
    return firedTime;
  }

  @Override
  public FrozenState freeze() {
    long now = now();
    var frozen = new ArrayList<StateTable.Frozen>();
    for (StateTable table : timers.values()) {
      frozen.add(table.freeze(now));
    }
    for (StateTable table : tables.values()) {
      frozen.add(table.freeze(now));
    }
    var untouched = new LinkedHashMap<>(restored);
    int version = versions.freeze();
    moment++;
    var sections = new ArrayList<Portable.Section>();
    frozen.forEach(table -> sections.add(table.section()));
    untouched.forEach(
        (name, blocks) -> alike(blocks).forEach(some -> sections.add(new Untouched(name, some))));
    return new FrozenState() {
      @Override
      public Iterator<byte[]> parts() {
        return Portable.parts(sections.iterator(), this::discard);
      }

      @Override
      public void discard() {
        versions.release(version);
      }
    };
  }

  /** Blocks that can stand in one section; several versions of a program may have written some. */
  private static Collection<List<RestoredBlock>> alike(List<RestoredBlock> blocks) {
    var alike = new LinkedHashMap<Portable.Block, List<RestoredBlock>>();
    for (RestoredBlock block : blocks) {
      alike.computeIfAbsent(block.block.section(), each -> new ArrayList<>()).add(block);
    }
    return alike.values();
  }

  /** Blocks of a checkpoint as they came. */
  private static final class Untouched implements Portable.Section {
    private final String name;
    private final List<RestoredBlock> blocks;
    private int next;

    Untouched(String name, List<RestoredBlock> blocks) {
      this.name = name;
      this.blocks = List.copyOf(blocks);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public byte kind() {
      return blocks.get(0).block.kind();
    }

    @Override
    public String types() {
      return blocks.get(0).block.types();
    }

    @Override
    public Shape shape() {
      return blocks.get(0).block.shape();
    }

    @Override
    public Shape keys() {
      return blocks.get(0).block.keys();
    }

    @Override
    public boolean fill(Portable.Part part) {
      while (next < blocks.size() && !part.full()) {
        RestoredBlock one = blocks.get(next++);
        part.block(one.block.group(), one.bytes);
      }
      return next == blocks.size();
    }
  }

  @Override
  public void restore(byte[] frozen) {
    hasRestored = true;
    Portable.read(
        new DataReader(frozen, loader),
        restoredKeys,
        (name, block, bytes) -> {
          if (block.group() >= firstGroup && block.group() < firstGroup + groupCount) {
            restored
                .computeIfAbsent(name, n -> new ArrayList<>())
                .add(new RestoredBlock(block, bytes));
          }
        });
    for (TimerDomain domain : TimerDomain.values()) {
      restoreTimers(domain, restored.remove(Portable.TIMERS + domain.name()));
    }
    for (StateTable table : tables.values()) {
      fill(table, restored.remove(table.name()));
    }
  }

  private void restoreTimers(TimerDomain domain, List<RestoredBlock> blocks) {
    if (blocks == null) {
      return;
    }
    long now = now();
    for (RestoredBlock block : blocks) {
      timers
          .get(domain)
          .read(
              block.block,
              new DataReader(block.bytes, loader),
              now,
              (entryHash, entryKey, times) -> {
                for (long time : (long[]) times) {
                  queues.get(domain).add(time, block.block.group(), entryHash, entryKey);
                }
              });
    }
  }

  @Override
  public long entryCount() {
    long count = 0;
    for (StateTable table : tables.values()) {
      count += table.entryCount();
    }
    return count;
  }

  @Override
  public void close() {
    // The collector does it.
  }

  private record RestoredBlock(Portable.Block block, byte[] bytes) {}
}
