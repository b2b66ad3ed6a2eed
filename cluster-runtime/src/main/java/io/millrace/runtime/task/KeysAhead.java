package io.millrace.runtime.task;

import io.millrace.api.function.KeySelector;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.state.StateStore;

/**
 * Keys of the next records of a batch. Where state is large, most of the time of a record goes into
 * waiting for memory: asking for the places of several keys one after the other lets the processor
 * wait for all of them at once.
 */
final class KeysAhead {
  private static final int MOST = 16;

  private final Object[] keys = new Object[MOST];

  /** Positions in the batch of those that are known, the second one exclusive. */
  private int first;

  private int end;

  /** A new batch has come. */
  void clear() {
    first = 0;
    end = 0;
  }

  /** The key of the record at a position, which is at most one behind the last one asked for. */
  Object at(
      int position, Batch batch, int limit, KeySelector<Object, Object> selector, StateStore store)
      throws Exception {
    if (position == end) {
      if (!store.foresees()) {
        first = position;
        end = position + 1;
        return selector.getKey(batch.value(position));
      }
      look(position, batch, Math.min(limit, position + MOST), selector, store);
    }
    return keys[position - first];
  }

  private void look(
      int from, Batch batch, int to, KeySelector<Object, Object> selector, StateStore store)
      throws Exception {
    first = from;
    end = from;
    while (end < to) {
      try {
        keys[end - first] = store.foresee(selector.getKey(batch.value(end)));
      } catch (Exception | Error e) {
        if (end == from) {
          throw e;
        }
        return; // those before it come first
      }
      end++;
    }
  }
}
