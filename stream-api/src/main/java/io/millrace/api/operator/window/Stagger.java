package io.millrace.api.operator.window;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import io.millrace.api.window.WindowStagger;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * How far the windows of each key group are moved. It belongs to the group and not to the subtask,
 * because windows that are open must keep their bounds wherever their keys go.
 */
final class Stagger {
  private static final long NONE = -1;

  /** Odd, with the bits of the golden ratio: spreads consecutive numbers over all values. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final WindowStagger kind;
  private final long size;
  private final OperatorContext context;
  private final LongSupplier processingTime;
  private final int firstGroup;
  private final long[] offsets;

  /** Null unless offsets depend on when records come. */
  private ListState<Moved> kept;

  /** The windows of a key group. */
  private record Moved(int group, long offset) {}

  /**
   * @param size of the windows in milliseconds
   */
  Stagger(WindowStagger kind, long size, OperatorContext context, LongSupplier processingTime) {
    this.kind = kind;
    this.size = size;
    this.context = context;
    this.processingTime = processingTime;
    KeyGroupRange mine = context.keyGroups();
    firstGroup = mine.first();
    offsets = new long[mine.last() - mine.first() + 1];
    Arrays.fill(offsets, NONE);
  }

  /** A union: the key groups of a subtask may come from any subtasks of the checkpoint. */
  void restore(OperatorStateStore store) {
    if (kind != WindowStagger.NATURAL) {
      return;
    }
    kept = store.getUnionListState(new ListStateDescriptor<>(WindowOperators.STAGGER, Moved.class));
    for (Moved each : kept.get()) {
      int index = each.group - firstGroup;
      if (index >= 0 && index < offsets.length) {
        offsets[index] = each.offset;
      }
    }
  }

  /** Of the windows of the current key, from 0 to less than the size. */
  long offset() {
    int group = context.keyed().currentKeyGroup();
    int index = group - firstGroup;
    if (offsets[index] == NONE) {
      offsets[index] =
          switch (kind) {
            case ALIGNED -> 0;
            case RANDOM -> drawn(group);
            case NATURAL -> Math.floorMod(processingTime.getAsLong(), size);
          };
    }
    return offsets[index];
  }

  /**
   * The same wherever and however often it is asked for. Mixed as by SplitMix64 (Steele, Lea,
   * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
   */
  private long drawn(int group) {
    long seed = 0;
    String owner = context.lineage() + "/" + context.uid();
    for (int i = 0; i < owner.length(); i++) {
      seed = mixed(seed + owner.charAt(i) + GOLDEN);
    }
    return Math.floorMod(mixed(seed + (group + 1) * GOLDEN), size);
  }

  private static long mixed(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  /** Puts into the state what the next snapshot is to hold. */
  void keep() {
    if (kept == null) {
      return;
    }
    kept.clear();
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] != NONE) {
        kept.add(new Moved(firstGroup + i, offsets[i]));
      }
    }
  }
}
