package io.millrace.it.ledger;

import static io.millrace.it.ledger.Findings.Fault.ALTERED;
import static io.millrace.it.ledger.Findings.Fault.DUPLICATED;
import static io.millrace.it.ledger.Findings.Fault.LOST;
import static io.millrace.it.ledger.Findings.Fault.REORDERED;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the output of {@link LedgerJob} with what the book says must be there, all of it and
 * nothing else. Knows the job's arithmetic and no part of the engine.
 *
 * <p>Order is judged where the engine promises it: within a file of {@code entries} and {@code
 * ordered} those of a partition follow each other without gap, so do the sums of an account, and
 * its periods rise. Across partitions an account's entries may come in any order, but its sums must
 * tell of one that keeps each partition's.
 */
public final class LedgerVerifier {
  private final Book book;
  private final LedgerOutput output;
  private final Findings findings = new Findings();
  private final int periods;

  /** Of each account its entries, partition after partition. */
  private final Map<String, Account> accounts = new TreeMap<>();

  private LedgerVerifier(Book book, LedgerOutput output) {
    if (book.partitions() * book.entries() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("more entries than are told apart here: " + book);
    }
    this.book = book;
    this.output = output;
    periods = (int) (book.end() / LedgerJob.PERIOD_MILLIS) + 1;
  }

  public static Findings verify(Book book, LedgerOutput output) throws IOException {
    var verifier = new LedgerVerifier(book, output);
    verifier.recompute();
    verifier.entries("entries", true);
    verifier.entries("ordered", true);
    verifier.entries("unordered", false);
    verifier.sums();
    verifier.periods("closings");
    verifier.periods("windows");
    verifier.pairs();
    return verifier.findings;
  }

  // ---- what must be

  /**
   * What is known of an account, in arrays: of a long book it is a lot. An entry is packed as
   * {@code seq * partitions + partition}.
   */
  private static final class Account {
    private int[] entries = new int[16];
    private int size;

    /** Of each period count and sum. */
    private final long[] counts;

    private final long[] sums;

    Account(int periods) {
      counts = new long[periods];
      sums = new long[periods];
    }

    void add(int packed, int period, long value) {
      if (size == entries.length) {
        entries = Arrays.copyOf(entries, size + size / 2);
      }
      entries[size++] = packed;
      counts[period]++;
      sums[period] += value;
    }
  }

  private void recompute() {
    for (int partition = 0; partition < book.partitions(); partition++) {
      for (long seq = 0; seq < book.entries(); seq++) {
        Entry entry = book.entry(partition, seq);
        accounts
            .computeIfAbsent(entry.account(), name -> new Account(periods))
            .add(
                packed(partition, seq),
                (int) (entry.time() / LedgerJob.PERIOD_MILLIS),
                entry.value());
      }
    }
  }

  private int packed(int partition, long seq) {
    return (int) (seq * book.partitions() + partition);
  }

  private Entry unpacked(int packed) {
    return book.entry(packed % book.partitions(), packed / book.partitions());
  }

  // ---- entries

  private void entries(String name, boolean inOrder) throws IOException {
    List<BitSet> seen = new ArrayList<>();
    for (int i = 0; i < book.partitions(); i++) {
      seen.add(new BitSet());
    }
    for (String file : output.files(name)) {
      long[] last = new long[book.partitions()];
      Arrays.fill(last, -1);
      read(file, 5, (place, words) -> entry(place, words, seen, inOrder ? last : null));
    }
    for (int partition = 0; partition < book.partitions(); partition++) {
      for (long seq = 0; seq < book.entries(); seq++) {
        if (!seen.get(partition).get((int) seq)) {
          findings.add(LOST, name + ": partition " + partition + " has no entry " + seq);
        }
      }
    }
  }

  private void entry(String place, String[] words, List<BitSet> seen, long[] last) {
    int partition = Integer.parseInt(words[0]);
    long seq = Long.parseLong(words[1]);
    if (!exists(partition, seq)) {
      findings.add(ALTERED, place + ": no entry " + seq + " in partition " + partition);
      return;
    }
    if (seen.get(partition).get((int) seq)) {
      findings.add(DUPLICATED, place + ": entry " + seq + " of partition " + partition);
    }
    seen.get(partition).set((int) seq);
    if (last != null) {
      if (last[partition] >= 0 && seq != last[partition] + 1) {
        findings.add(
            REORDERED,
            place + ": entry " + seq + " of partition " + partition + " behind " + last[partition]);
      }
      last[partition] = seq;
    }
    Entry entry = book.entry(partition, seq);
    if (!words[2].equals(entry.account())
        || Long.parseLong(words[3]) != entry.value()
        || Long.parseLong(words[4]) != entry.time()) {
      findings.add(ALTERED, place + ": " + String.join(" ", words) + " should be " + entry);
    }
  }

  private boolean exists(int partition, long seq) {
    return partition >= 0 && partition < book.partitions() && seq >= 0 && seq < book.entries();
  }

  // ---- sums

  /** The lines of an account, each at the place of its count. */
  private static final class Sums {
    private final int[] entries;

    /** What else the lines say, {@linkplain #digest in short}. */
    private final long[] rest;

    Sums(int size) {
      entries = new int[size];
      rest = new long[size];
      Arrays.fill(entries, -1);
    }
  }

  private static long digest(long sum, long previous, long recent) {
    return Book.mixed(Book.mixed(Book.mixed(sum) + previous) + recent);
  }

  private void sums() throws IOException {
    var told = new TreeMap<String, Sums>();
    accounts.forEach((name, account) -> told.put(name, new Sums(account.size)));
    for (String file : output.files("sums")) {
      var last = new HashMap<String, Long>();
      read(file, 7, (place, words) -> sum(place, words, told, last));
    }
    told.forEach(this::compareSums);
  }

  private void sum(String place, String[] words, Map<String, Sums> told, Map<String, Long> last) {
    Sums account = told.get(words[0]);
    long count = Long.parseLong(words[1]);
    int partition = Integer.parseInt(words[2]);
    long seq = Long.parseLong(words[3]);
    if (account == null || count < 1 || count > account.entries.length || !exists(partition, seq)) {
      findings.add(ALTERED, place + ": " + String.join(" ", words) + " is none of the book's");
      return;
    }
    Long before = last.put(words[0], count);
    if (before != null && count != before + 1) {
      findings.add(
          REORDERED, place + ": sum " + count + " of " + words[0] + " behind sum " + before);
    }
    int at = (int) count - 1;
    if (account.entries[at] >= 0) {
      findings.add(DUPLICATED, place + ": sum " + count + " of " + words[0]);
      return;
    }
    account.entries[at] = packed(partition, seq);
    account.rest[at] =
        digest(Long.parseLong(words[4]), Long.parseLong(words[5]), Long.parseLong(words[6]));
  }

  private void compareSums(String name, Sums told) {
    long[] last = new long[book.partitions()];
    Arrays.fill(last, -1);
    var values = new ArrayList<Long>();
    long sum = 0;
    for (int at = 0; at < told.entries.length; at++) {
      String what = "sums: sum " + (at + 1) + " of " + name;
      if (told.entries[at] < 0) {
        findings.add(LOST, what);
        return; // what follows cannot be judged without it
      }
      Entry entry = unpacked(told.entries[at]);
      if (!entry.account().equals(name)) {
        findings.add(ALTERED, what + " is of " + entry);
        return;
      }
      long before = last[entry.partition()];
      if (entry.seq() <= before) {
        findings.add(REORDERED, what + " is of " + entry + ", which comes behind " + before);
        return;
      }
      last[entry.partition()] = entry.seq();
      values.add(entry.value());
      if (values.size() > LedgerJob.RECENT) {
        values.remove(0);
      }
      sum += entry.value();
      long recent = 0;
      for (long value : values) {
        recent = recent * 31 + value;
      }
      if (told.rest[at] != digest(sum, before, recent)) {
        findings.add(
            ALTERED, what + " should say sum, previous, recent " + List.of(sum, before, recent));
        return;
      }
    }
    // As many lines as the account has entries, no entry twice, all of the account: none is lost.
  }

  // ---- windows, and what timers close

  private void periods(String name) throws IOException {
    var seen = new HashMap<String, BitSet>();
    accounts.keySet().forEach(account -> seen.put(account, new BitSet(periods)));
    for (String file : output.files(name)) {
      var last = new HashMap<String, Long>();
      read(file, 4, (place, words) -> period(place, words, seen.get(words[0]), last));
    }
    accounts.forEach((account, known) -> lostPeriods(name, account, known, seen.get(account)));
  }

  private void lostPeriods(String name, String account, Account known, BitSet seen) {
    for (int period = 0; period < periods; period++) {
      if (known.counts[period] > 0 && !seen.get(period)) {
        long start = period * LedgerJob.PERIOD_MILLIS;
        findings.add(LOST, name + ": " + account + " from " + start + " on");
      }
    }
  }

  private void period(String place, String[] words, BitSet seen, Map<String, Long> last) {
    Account account = accounts.get(words[0]);
    long start = Long.parseLong(words[1]);
    int period = period(start);
    if (account == null || period < 0 || account.counts[period] == 0) {
      findings.add(ALTERED, place + ": " + String.join(" ", words) + " is none of the book's");
      return;
    }
    if (seen.get(period)) {
      findings.add(DUPLICATED, place + ": " + words[0] + " from " + start + " on");
    }
    seen.set(period);
    Long before = last.put(words[0], start);
    if (before != null && start < before) {
      findings.add(REORDERED, place + ": " + words[0] + " from " + start + " behind " + before);
    }
    long count = account.counts[period];
    long sum = account.sums[period];
    if (Long.parseLong(words[2]) != count || Long.parseLong(words[3]) != sum) {
      findings.add(
          ALTERED,
          place
              + ": "
              + String.join(" ", words)
              + " should have count and sum "
              + count
              + " "
              + sum);
    }
  }

  /** -1 if none begins then. */
  private int period(long start) {
    boolean exists =
        start >= 0
            && start % LedgerJob.PERIOD_MILLIS == 0
            && start / LedgerJob.PERIOD_MILLIS < periods;
    return exists ? (int) (start / LedgerJob.PERIOD_MILLIS) : -1;
  }

  // ---- pairs

  /** The pairs of an account: the even entry in the upper half of each, the odd one below. */
  private static final class Pairs {
    private long[] pairs = new long[16];
    private int size;

    void add(int even, int odd) {
      if (size == pairs.length) {
        pairs = Arrays.copyOf(pairs, size + size / 2);
      }
      pairs[size++] = pair(even, odd);
    }

    void sort() {
      Arrays.sort(pairs, 0, size);
    }

    boolean has(int even, int odd) {
      return Arrays.binarySearch(pairs, 0, size, pair(even, odd)) >= 0;
    }

    private static long pair(int even, int odd) {
      return (long) even << Integer.SIZE | odd;
    }
  }

  private void pairs() throws IOException {
    var told = new HashMap<String, Pairs>();
    accounts.keySet().forEach(account -> told.put(account, new Pairs()));
    for (String file : output.files("pairs")) {
      read(file, 5, (place, words) -> pair(place, words, told));
    }
    accounts.forEach(
        (name, account) -> {
          Pairs pairs = told.get(name);
          pairs.sort();
          doubledPairs(name, pairs);
          lostPairs(name, account, pairs);
        });
  }

  private void pair(String place, String[] words, Map<String, Pairs> told) {
    int evenPartition = Integer.parseInt(words[1]);
    long evenSeq = Long.parseLong(words[2]);
    int oddPartition = Integer.parseInt(words[3]);
    long oddSeq = Long.parseLong(words[4]);
    boolean right =
        exists(evenPartition, evenSeq)
            && exists(oddPartition, oddSeq)
            && evenPartition % 2 == 0
            && oddPartition % 2 == 1;
    if (right) {
      Entry even = book.entry(evenPartition, evenSeq);
      Entry odd = book.entry(oddPartition, oddSeq);
      right =
          even.account().equals(words[0])
              && odd.account().equals(words[0])
              && Math.abs(even.time() - odd.time()) <= LedgerJob.NEAR_MILLIS;
    }
    if (!right) {
      findings.add(ALTERED, place + ": " + String.join(" ", words) + " is no pair");
      return;
    }
    told.get(words[0]).add(packed(evenPartition, evenSeq), packed(oddPartition, oddSeq));
  }

  private void doubledPairs(String name, Pairs told) {
    for (int i = 1; i < told.size; i++) {
      long pair = told.pairs[i];
      if (pair == told.pairs[i - 1]) {
        findings.add(DUPLICATED, pairOf(name, (int) (pair >>> Integer.SIZE), (int) pair));
      }
    }
  }

  private String pairOf(String name, int even, int odd) {
    return "pairs: " + name + " " + unpacked(even) + " with " + unpacked(odd);
  }

  private void lostPairs(String name, Account account, Pairs told) {
    var odds = new TreeMap<Long, List<Integer>>();
    for (int i = 0; i < account.size; i++) {
      int packed = account.entries[i];
      Entry entry = unpacked(packed);
      if (entry.partition() % 2 == 1) {
        odds.computeIfAbsent(entry.time(), time -> new ArrayList<>(1)).add(packed);
      }
    }
    long near = LedgerJob.NEAR_MILLIS;
    for (int i = 0; i < account.size; i++) {
      int even = account.entries[i];
      Entry entry = unpacked(even);
      if (entry.partition() % 2 == 0) {
        for (List<Integer> some :
            odds.subMap(entry.time() - near, true, entry.time() + near, true).values()) {
          for (int odd : some) {
            if (!told.has(even, odd)) {
              findings.add(LOST, pairOf(name, even, odd));
            }
          }
        }
      }
    }
  }

  // ---- reading

  private interface Line {
    void take(String place, String[] words);
  }

  private void read(String file, int words, Line line) throws IOException {
    try (BufferedReader in = output.open(file)) {
      int number = 0;
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        String place = file + ":" + ++number;
        findings.line();
        String[] parts = text.split(" ", -1);
        try {
          if (parts.length == words) {
            line.take(place, parts);
            continue;
          }
        } catch (NumberFormatException e) {
          // told below
        }
        findings.add(ALTERED, place + ": cannot be read: " + text);
      }
    }
  }
}
