package io.millrace.runtime.state;

/**
 * Goes round the entries of a table on the heap, a few at a time, and takes out what has expired. A
 * page that changes meanwhile may hide an entry from it until the next round.
 */
final class Sweep {
  /** Most slots of a page are empty after many removals; looking at one costs next to nothing. */
  private static final int SLOTS_PER_ENTRY = 8;

  private final StateTable table;
  private final PagedMap[] groups;

  /** How many more entries may be looked at; below zero after a large one. */
  private long credit;

  private int group;
  private int place;
  private int slot;

  Sweep(StateTable table, PagedMap[] groups) {
    this.table = table;
    this.groups = groups;
  }

  /**
   * @param entries of lists and maps each element counts; what one large list or map has cost too
   *     much is saved at the next calls
   */
  void step(int entries, long now) {
    credit = Math.min(credit + entries, entries);
    for (int slots = entries * SLOTS_PER_ENTRY; credit > 0 && slots > 0; slots--) {
      PagedMap map = groups[group];
      Page[] pages = map.frozen();
      if (place >= pages.length) {
        group = (group + 1) % groups.length;
        place = 0;
        slot = 0;
        continue;
      }
      Page page = pages[place];
      if (slot >= page.slots()) {
        while (place < pages.length && pages[place] == page) {
          place++;
        }
        slot = 0;
      } else if (page.isFree(slot)) {
        slot++;
      } else {
        look(map, page, now);
      }
    }
  }

  private void look(PagedMap map, Page page, long now) {
    Object value = page.value(slot);
    credit -= table.kind().size(value);
    Object live = table.kind().live(value, now);
    if (live == null) {
      map.remove(page.hash(slot), page.key(slot)); // another entry may move here: look again
    } else {
      if (live != value) {
        map.put(page.hash(slot), page.key(slot), table.kind().shared(live));
      }
      slot++;
    }
  }
}
