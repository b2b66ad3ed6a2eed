package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.state.Flattening;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PagedMapTest {
  /** As a key the second looks as if there were none, as a value the third like an object. */
  private static final long[] LOOKS_OTHERWISE = {0, 0x8d26_17b3_5ec4_09f5L, 0x6b1d_93f0_2a8e_57c5L};

  /** What a writer still reads. */
  private record Frozen(int version, Page[] pages, Map<Object, Object> expected) {}

  /** Lays most numbers down twice, the second time as their complement. */
  private record Twice() implements Flattening<Object> {
    @Override
    public int width() {
      return 2;
    }

    @Override
    public boolean lay(Object value, long[] into, int at) {
      into[at] = value instanceof Long number ? number : 17;
      into[at + 1] = ~into[at];
      return value instanceof Long && into[at] % 5 != 0;
    }

    @Override
    public Object lift(long[] from, int at) {
      assertThat(from[at + 1]).isEqualTo(~from[at]);
      return from[at];
    }
  }

  /**
   * Numbers alone at first, as nearly always; then whatever there is. Some hashes are equal, and
   * some are 0. In every third map values are kept as two numbers each where they can be.
   */
  @Test
  void holdsWhatAPlainMapHoldsWhateverIsPutAndFrozen() {
    for (int seed = 0; seed < 60; seed++) {
      var chance = new SplittableRandom(seed);
      var versions = new Versions();
      var map = new PagedMap(versions, null, seed % 3 == 0 ? new Twice() : null);
      var expected = new HashMap<Object, Object>();
      Frozen frozen = null;
      int keys = 1 << (1 + chance.nextInt(12));
      int mixedFrom = chance.nextInt(6_000);
      int hashes = chance.nextBoolean() ? 3 : Integer.MAX_VALUE;
      for (int i = 0; i < 6_000; i++) {
        Object key = object(chance, i >= mixedFrom ? 4 : seed % 2, keys);
        int hash = key == null ? 0 : HeapStateStore.spread(key.hashCode() % hashes);
        if (chance.nextInt(4) == 0) {
          map.remove(hash, key);
          expected.remove(key);
        } else {
          Object value = object(chance, i >= mixedFrom ? 3 : (seed / 2) % 2, 1 << (3 + seed % 28));
          map.put(hash, key, value);
          expected.put(key, value);
        }
        Object other = object(chance, 4, keys);
        int otherHash = other == null ? 0 : HeapStateStore.spread(other.hashCode() % hashes);
        assertThat(map.get(otherHash, other)).as("seed " + seed).isEqualTo(expected.get(other));
        if (chance.nextInt(500) == 0) {
          if (frozen != null) {
            assertThat(contents(frozen.pages)).as("seed " + seed).isEqualTo(frozen.expected);
            versions.release(frozen.version);
          }
          Page[] pages = map.frozen();
          frozen = new Frozen(versions.freeze(), pages, new HashMap<>(expected));
        }
      }
      assertThat(contents(map.frozen())).as("seed " + seed).isEqualTo(expected);
      assertThat(map.size()).isEqualTo(expected.size());
    }
  }

  /**
   * @param kinds 0 for Long, 1 for Integer, more for any of the first so many
   */
  private static Object object(SplittableRandom chance, int kinds, int bound) {
    int number = chance.nextInt(bound);
    return switch (kinds < 2 ? kinds : chance.nextInt(kinds)) {
      case 0 -> Long.valueOf(number < 3 ? LOOKS_OTHERWISE[number] : number);
      case 1 -> Integer.valueOf(number);
      case 2 -> "text " + number;
      default -> null;
    };
  }

  private static Map<Object, Object> contents(Page[] pages) {
    var contents = new HashMap<Object, Object>();
    Page last = null;
    for (Page page : pages) {
      for (int slot = 0; page != last && slot < page.slots(); slot++) {
        if (!page.isFree(slot)) {
          Object before = contents.put(page.key(slot), page.value(slot));
          assertThat(before).as("once for each key").isNull();
        }
      }
      last = page;
    }
    return contents;
  }
}
