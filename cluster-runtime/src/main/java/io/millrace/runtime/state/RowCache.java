package io.millrace.runtime.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Small rows in memory, in front of those on disk. Rows that are written stay here, and reach the
 * disk many at a time: when they have to make room for others, before rows of their state are
 * scanned, and before a freeze. A row that comes and goes meanwhile never does. That most keys were
 * never written is known without asking.
 *
 * <p>Rows lie one behind the other in segments of bytes, found by an index of numbers, so that a
 * million of them are nothing to the collector. The oldest segment makes room, but rows of it that
 * were used meanwhile get a second turn.
 */
final class RowCache implements Rows {
  // A row here: flags, length of its key, room for its value (2), length of its value (2); both.
  private static final int HEADER = 6;
  private static final int KEY_LENGTH = 1;
  private static final int ROOM = 2;
  private static final int LENGTH = 4;

  /** The row on disk, if there is one, is another. */
  private static final int DIRTY = 1;

  /** There may be one on disk. */
  private static final int ON_DISK = 2;

  /** There is no such row. */
  private static final int NONE = 4;

  private static final int USED = 8;

  /** Nobody finds it here any more. */
  private static final int GONE = 16;

  private static final int LONGEST_KEY = 255;
  private static final int LONGEST_VALUE = 4_096;
  private static final int SEGMENTS = 32;
  private static final int LEAST_SHIFT = 9;
  private static final int MOST_SHIFT = 18;
  private static final int FIRST_SLOTS = 64;

  /** That many written at once, as at a checkpoint, hold up the stream for long enough. */
  private static final int MOST_DIRTY = 1 << 19;

  /** Rows that are put in order together. */
  private static final int SORTED_BITS = 20;

  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final Rows rows;
  private final int firstTable;
  private final int shift;
  private final RowFilter onDisk;

  /** By their number, which is what is above {@link #shift} in the place of a row. */
  private Segment[] segments = new Segment[2];

  /** The same, the one that grows last. */
  private final ArrayDeque<Segment> byAge = new ArrayDeque<>();

  /** What a segment had whose rows are gone. */
  private byte[] spare;

  /** Hash and place + 1 of each row; 0 for nothing. */
  private long[] index = new long[FIRST_SLOTS];

  private int count;

  /** Where in the index the last row was found. */
  private int slot;

  /** Grows by what the rows lend. */
  private long mostBytes;

  /** How many are dirty, by table. */
  private int[] dirty = new int[16];

  private int allDirty;

  /** How many rows more there are here than on disk, as far as is known. */
  private int more;

  /**
   * @param firstTable rows of tables below that go by
   * @param empty whether there are no rows yet
   * @param mostBytes of memory for all that is here before rows lend more, but for the least that
   *     there must be
   */
  RowCache(Rows rows, int firstTable, boolean empty, long mostBytes) {
    this.rows = rows;
    this.firstTable = firstTable;
    this.mostBytes = mostBytes;
    int size = 63 - Long.numberOfLeadingZeros(Math.max(1, mostBytes / SEGMENTS));
    this.shift = Math.max(LEAST_SHIFT, Math.min(MOST_SHIFT, size));
    this.onDisk = empty ? RowFilter.ofNothing(mostBytes / 8) : RowFilter.ofUnknown();
  }

  private static final class Segment {
    final int number;
    final byte[] bytes;
    int end;

    /** All that are dirty begin in here. */
    int dirty;

    int dirtyFrom;
    int dirtyTo;

    Segment(int number, byte[] bytes) {
      this.number = number;
      this.bytes = bytes;
    }
  }

  // --- rows

  @Override
  public byte[] get(byte[] key) {
    if (goesBy(key)) {
      return rows.get(key);
    }
    long hash = RowHash.of(key, 0, key.length);
    int place = find(hash, key);
    if (place >= 0) {
      Segment in = segment(place);
      int at = offset(place);
      in.bytes[at] |= USED;
      return (in.bytes[at] & NONE) != 0 ? null : value(in.bytes, at);
    }
    if (!onDisk.mayHave(hash)) {
      return null;
    }
    byte[] found = rows.get(key);
    if (found != null && fits(key, found.length)) {
      add(hash, key, found, ON_DISK);
    }
    return found;
  }

  @Override
  public void put(byte[] key, byte[] value) {
    if (goesBy(key)) {
      rows.put(key, value);
      return;
    }
    long hash = RowHash.of(key, 0, key.length);
    put(hash, find(hash, key), key, value);
  }

  private void put(long hash, int place, byte[] key, byte[] value) {
    if (allDirty >= MOST_DIRTY) {
      writeBack();
    }
    int flags = DIRTY;
    if (place >= 0) {
      Segment in = segment(place);
      int at = offset(place);
      flags |= in.bytes[at] & ON_DISK;
      if (value.length <= room(in.bytes, at)) {
        SHORTS.set(in.bytes, at + LENGTH, (short) value.length);
        System.arraycopy(value, 0, in.bytes, valueAt(in.bytes, at), value.length);
        become(in, at, flags | USED);
        return;
      }
      forget(in, at);
    } else if (onDisk.mayHave(hash)) {
      flags |= ON_DISK;
    }
    if (fits(key, value.length)) {
      add(hash, key, value, flags);
    } else {
      onDisk.add(hash);
      rows.put(key, value);
    }
  }

  @Override
  public void append(byte[] key, byte[] value) {
    if (goesBy(key)) {
      rows.append(key, value);
      return;
    }
    long hash = RowHash.of(key, 0, key.length);
    int place = find(hash, key);
    if (place < 0) {
      if (onDisk.mayHave(hash)) {
        rows.append(key, value);
      } else {
        put(hash, place, key, value);
      }
      return;
    }
    Segment in = segment(place);
    int at = offset(place);
    if ((in.bytes[at] & NONE) != 0) {
      put(hash, place, key, value);
    } else if ((in.bytes[at] & DIRTY) != 0) {
      byte[] before = value(in.bytes, at);
      byte[] both = Arrays.copyOf(before, before.length + value.length);
      System.arraycopy(value, 0, both, before.length, value.length);
      put(hash, place, key, both);
    } else {
      // What is on disk is all that there is here.
      forget(in, at);
      onDisk.add(hash);
      rows.append(key, value);
    }
  }

  @Override
  public void delete(byte[] key) {
    if (goesBy(key)) {
      rows.delete(key);
      return;
    }
    long hash = RowHash.of(key, 0, key.length);
    int place = find(hash, key);
    if (place >= 0) {
      Segment in = segment(place);
      int at = offset(place);
      if ((in.bytes[at] & ON_DISK) != 0) {
        become(in, at, DIRTY | ON_DISK | NONE);
      } else {
        forget(in, at);
      }
    } else if (onDisk.mayHave(hash)) {
      if (fits(key, 0)) {
        add(hash, key, new byte[0], DIRTY | ON_DISK | NONE);
      } else {
        rows.delete(key);
      }
    }
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    settle(from, to);
    rows.scan(from, to, visitor);
  }

  @Override
  public void skim(byte[] from, byte[] to, Visitor visitor) {
    settle(from, to);
    rows.skim(from, to, visitor);
  }

  private void settle(byte[] from, byte[] to) {
    int end = Math.min(endsWithin(to) ? table(to) + 1 : table(to), dirty.length);
    for (int table = table(from); table < end; table++) {
      if (dirty[table] > 0) {
        writeBack();
        return;
      }
    }
  }

  private static boolean endsWithin(byte[] to) {
    for (int i = 2; i < to.length; i++) {
      if (to[i] != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public View freeze() {
    writeBack();
    return rows.freeze();
  }

  @Override
  public StateFolder capture() {
    writeBack();
    return rows.capture();
  }

  @Override
  public Batch batch() {
    throw new UnsupportedOperationException("rows come here one by one, and leave in batches");
  }

  @Override
  public long estimatedCount() {
    return Math.max(0, rows.estimatedCount() + more);
  }

  @Override
  public long estimatedBytes(byte[] from, byte[] to) {
    writeBack();
    return rows.estimatedBytes(from, to);
  }

  @Override
  public void close() {
    rows.close();
  }

  private boolean goesBy(byte[] key) {
    return table(key) < firstTable;
  }

  private boolean fits(byte[] key, int valueLength) {
    return key.length <= LONGEST_KEY
        && valueLength <= LONGEST_VALUE
        && HEADER + key.length + valueLength <= 1 << shift - 2;
  }

  // --- writing back

  /** All that is dirty is written, in the order of its keys; it stays here. */
  private void writeBack() {
    writeBack(byAge.size());
  }

  /**
   * @param oldest in how many segments
   */
  private void writeBack(int oldest) {
    int all = 0;
    for (Segment each : first(oldest)) {
      all += each.dirty;
    }
    if (all == 0) {
      return;
    }
    var places = new int[Math.min(all, 1 << SORTED_BITS)];
    Batch batch = rows.batch();
    int found = 0;
    for (Segment each : first(oldest)) {
      if (each.dirty == 0) {
        continue;
      }
      for (int at = each.dirtyFrom; at <= each.dirtyTo; at += size(each.bytes, at)) {
        if ((each.bytes[at] & DIRTY) != 0) {
          places[found++] = each.number << shift | at;
          if (found == places.length) {
            write(places, found, batch);
            found = 0;
          }
        }
      }
    }
    write(places, found, batch);
    batch.write();
  }

  private Iterable<Segment> first(int oldest) {
    return () -> byAge.stream().limit(oldest).iterator();
  }

  private void write(int[] places, int found, Batch batch) {
    long[] order = order(places, found);
    for (int i = 0; i < found; i++) {
      int place = places[(int) order[i] & (1 << SORTED_BITS) - 1];
      Segment in = segment(place);
      int at = offset(place);
      write(in.bytes, at, batch);
      int flags = in.bytes[at];
      become(in, at, (flags & NONE) != 0 ? NONE : flags & ~DIRTY | ON_DISK);
    }
  }

  private static void write(byte[] bytes, int at, Batch batch) {
    int keyLength = bytes[at + KEY_LENGTH] & 0xff;
    if ((bytes[at] & NONE) != 0) {
      batch.delete(bytes, at + HEADER, keyLength);
    } else {
      batch.put(bytes, at + HEADER, keyLength, valueAt(bytes, at), length(bytes, at));
    }
  }

  /**
   * Numbers of the places in the order of the first bytes in which keys differ, as that is close
   * enough to their order for neighbours to be found in the same spot.
   */
  private long[] order(int[] places, int found) {
    byte[] differs = new byte[32];
    for (int i = 1; i < found; i++) {
      byte[] one = segment(places[i]).bytes;
      byte[] other = segment(places[0]).bytes;
      int at = offset(places[i]);
      int otherAt = offset(places[0]);
      int most =
          Math.min(
              differs.length,
              Math.min(one[at + KEY_LENGTH] & 0xff, other[otherAt + KEY_LENGTH] & 0xff));
      for (int b = 0; b < most; b++) {
        differs[b] |= one[at + HEADER + b] ^ other[otherAt + HEADER + b];
      }
    }
    int[] taken = new int[5];
    int some = 0;
    for (int b = 0; b < differs.length && some < taken.length; b++) {
      if (differs[b] != 0) {
        taken[some++] = b;
      }
    }
    long[] order = new long[found];
    for (int i = 0; i < found; i++) {
      byte[] bytes = segment(places[i]).bytes;
      int at = offset(places[i]);
      int length = bytes[at + KEY_LENGTH] & 0xff;
      long first = 0;
      for (int t = 0; t < some; t++) {
        first = first << 8 | (taken[t] < length ? bytes[at + HEADER + taken[t]] & 0xff : 0);
      }
      order[i] = first << SORTED_BITS | i;
    }
    Arrays.sort(order);
    return order;
  }

  // --- segments

  private void add(long hash, byte[] key, byte[] value, int flags) {
    int room = value.length + 3 & ~3;
    Segment in = withRoom(HEADER + key.length + room);
    int at = in.end;
    byte[] bytes = in.bytes;
    bytes[at] = 0;
    bytes[at + KEY_LENGTH] = (byte) key.length;
    SHORTS.set(bytes, at + ROOM, (short) room);
    SHORTS.set(bytes, at + LENGTH, (short) value.length);
    System.arraycopy(key, 0, bytes, at + HEADER, key.length);
    System.arraycopy(value, 0, bytes, at + HEADER + key.length, value.length);
    in.end += HEADER + key.length + room;
    enter(hash, in.number << shift | at);
    become(in, at, flags);
  }

  private Segment withRoom(int size) {
    while (count >= index.length / 4 * 3) {
      growIndex();
    }
    Segment head = byAge.peekLast();
    if (head != null && head.end + size <= head.bytes.length) {
      return head;
    }
    if (byAge.size() < 2 || (byAge.size() < 1 << 31 - shift && hasRoom(1L << shift))) {
      return begin(byAge.size(), new byte[1 << shift]);
    }
    return replaceOldest();
  }

  /** At least half of what comes back is free. */
  private Segment replaceOldest() {
    if (byAge.getFirst().dirty > 0) {
      // Those that would be next go along: the more there are, the closer together they are.
      writeBack(Math.max(1, byAge.size() / 4));
    }
    Segment oldest = byAge.pollFirst();
    Segment next = begin(oldest.number, spare == null ? new byte[1 << shift] : spare);
    evict(oldest, next);
    spare = oldest.bytes;
    return next;
  }

  private boolean hasRoom(long bytes) {
    long lacking = memory() + bytes - mostBytes;
    if (lacking > 0 && !rows.lend(lacking)) {
      return false;
    }
    mostBytes += Math.max(0, lacking);
    return true;
  }

  private long memory() {
    return ((long) byAge.size() + 1 << shift) + (long) index.length * Long.BYTES + onDisk.bytes();
  }

  private Segment begin(int number, byte[] bytes) {
    if (number == segments.length) {
      segments = Arrays.copyOf(segments, number * 2);
    }
    var begun = new Segment(number, bytes);
    segments[number] = begun;
    byAge.addLast(begun);
    return begun;
  }

  /**
   * Takes all rows, which are not dirty, out of the segment; those that were used go on in the next
   * one, which has the same number: none of them moves to a place that one has which was not yet
   * taken out.
   */
  private void evict(Segment oldest, Segment next) {
    int most = next.bytes.length / 2;
    for (int at = 0, size; at < oldest.end; at += size) {
      size = size(oldest.bytes, at);
      int flags = oldest.bytes[at];
      if ((flags & GONE) != 0) {
        continue;
      }
      long hash = RowHash.of(oldest.bytes, at + HEADER, oldest.bytes[at + KEY_LENGTH] & 0xff);
      locate(hash, oldest.number << shift | at);
      if ((flags & USED) != 0 && next.end + size <= most) {
        become(oldest, at, GONE);
        System.arraycopy(oldest.bytes, at, next.bytes, next.end, size);
        next.bytes[next.end] = 0;
        index[slot] = entry(hash, next.number << shift | next.end);
        next.end += size;
        become(next, next.end - size, flags & ~USED);
        continue;
      }
      if ((flags & NONE) == 0) {
        onDisk.add(hash);
      }
      become(oldest, at, GONE);
      leave();
    }
  }

  /** Changes what a row is, and what is counted of it. */
  private void become(Segment in, int at, int flags) {
    int before = in.bytes[at];
    in.bytes[at] = (byte) flags;
    more += difference(flags) - difference(before);
    int newlyDirty = (flags & DIRTY) - (before & DIRTY);
    if (newlyDirty == 0) {
      return;
    }
    int table = table(in.bytes[at + HEADER], in.bytes[at + HEADER + 1]);
    if (table >= dirty.length) {
      dirty = Arrays.copyOf(dirty, Math.max(table + 1, dirty.length * 2));
    }
    dirty[table] += newlyDirty;
    allDirty += newlyDirty;
    if (newlyDirty > 0) {
      in.dirtyFrom = in.dirty == 0 ? at : Math.min(in.dirtyFrom, at);
      in.dirtyTo = in.dirty == 0 ? at : Math.max(in.dirtyTo, at);
    }
    in.dirty += newlyDirty;
  }

  private static int difference(int flags) {
    return switch (flags & (DIRTY | ON_DISK | NONE)) {
      case DIRTY -> 1;
      case DIRTY | ON_DISK | NONE -> -1;
      default -> 0;
    };
  }

  /** The row that was found last. */
  private void forget(Segment in, int at) {
    become(in, at, GONE);
    leave();
  }

  private Segment segment(int place) {
    return segments[place >>> shift];
  }

  private int offset(int place) {
    return place & (1 << shift) - 1;
  }

  private static int room(byte[] bytes, int at) {
    return (short) SHORTS.get(bytes, at + ROOM);
  }

  private static int length(byte[] bytes, int at) {
    return (short) SHORTS.get(bytes, at + LENGTH);
  }

  private static int valueAt(byte[] bytes, int at) {
    return at + HEADER + (bytes[at + KEY_LENGTH] & 0xff);
  }

  private static byte[] value(byte[] bytes, int at) {
    int from = valueAt(bytes, at);
    return Arrays.copyOfRange(bytes, from, from + length(bytes, at));
  }

  private static int size(byte[] bytes, int at) {
    return HEADER + (bytes[at + KEY_LENGTH] & 0xff) + room(bytes, at);
  }

  // --- the index

  private int find(long hash, byte[] key) {
    int mask = index.length - 1;
    int high = (int) (hash >>> 32);
    for (int i = high & mask; index[i] != 0; i = i + 1 & mask) {
      if ((int) (index[i] >>> 32) == high && isAt((int) index[i] - 1, key)) {
        slot = i;
        return (int) index[i] - 1;
      }
    }
    return -1;
  }

  private boolean isAt(int place, byte[] key) {
    byte[] bytes = segment(place).bytes;
    int at = offset(place);
    int from = at + HEADER;
    return (bytes[at + KEY_LENGTH] & 0xff) == key.length
        && Arrays.equals(bytes, from, from + key.length, key, 0, key.length);
  }

  /** Finds the row that is there. */
  private void locate(long hash, int place) {
    int mask = index.length - 1;
    int i = (int) (hash >>> 32) & mask;
    while ((int) index[i] - 1 != place) {
      i = i + 1 & mask;
    }
    slot = i;
  }

  private void enter(long hash, int place) {
    enter(index, entry(hash, place));
    count++;
  }

  private static void enter(long[] index, long entry) {
    int mask = index.length - 1;
    int i = (int) (entry >>> 32) & mask;
    while (index[i] != 0) {
      i = i + 1 & mask;
    }
    index[i] = entry;
  }

  private static long entry(long hash, int place) {
    return hash & 0xffffffff00000000L | place + 1;
  }

  /** Takes out what was found last; what others had to step past moves up. */
  private void leave() {
    int mask = index.length - 1;
    int hole = slot;
    for (int i = hole + 1 & mask; index[i] != 0; i = i + 1 & mask) {
      int home = (int) (index[i] >>> 32) & mask;
      if ((i - home & mask) >= (i - hole & mask)) {
        index[hole] = index[i];
        hole = i;
      }
    }
    index[hole] = 0;
    count--;
  }

  /** Or makes room for more in it, if memory is better used for the rows that there are. */
  private void growIndex() {
    if (byAge.size() < 2 || hasRoom((long) index.length * Long.BYTES)) {
      var larger = new long[index.length * 2];
      for (long entry : index) {
        if (entry != 0) {
          enter(larger, entry);
        }
      }
      index = larger;
      return;
    }
    replaceOldest();
  }

  private static int table(byte[] key) {
    return table(key.length > 0 ? key[0] : 0, key.length > 1 ? key[1] : 0);
  }

  private static int table(byte high, byte low) {
    return (high & 0xff) << 8 | low & 0xff;
  }
}
