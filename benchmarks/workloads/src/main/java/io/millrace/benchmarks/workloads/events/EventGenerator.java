package io.millrace.benchmarks.workloads.events;

/**
 * The event of each number: of 50 in a row, one is a person, three are auctions and 46 are bids.
 * There are 100,000 in a second of event time. Half of the bids go to one hot auction, which moves
 * on with every hundredth auction, the others to one of the last hundred; bidders are uniform.
 */
public final class EventGenerator {
  public static final long BIDDERS = 1_000_000;
  public static final int EVENTS_PER_MILLI = 100;

  private static final int ROUND = 50;
  private static final int AUCTIONS = 3;

  /** How far back bids and sellers reach, and how long an auction stays hot. */
  private static final int RECENT = 100;

  private static final long SEED = 0x5DEECE66DL;

  // Powers of two.
  private static final String[] CHANNELS = texts("channel-", 16);
  private static final String[] URLS = texts("https://auctions.example/item/", 1024);
  private static final String[] NAMES = texts("Person ", 1024);
  private static final String[] EMAILS = texts("someone@mail.example.", 1024);
  private static final String[] CITIES = texts("City ", 64);
  private static final String[] STATES = texts("S", 32);
  private static final String[] ITEMS = texts("item ", 1024);

  /**
   * @param number from 0 on
   */
  public static Event event(long number) {
    long round = number / ROUND;
    int at = (int) (number - round * ROUND);
    long random = mix(number + SEED);
    long time = number / EVENTS_PER_MILLI;
    if (at > AUCTIONS) {
      return new Event(null, null, bid(round, random), time);
    }
    return at == 0
        ? new Event(person(round, random), null, null, time)
        : new Event(null, auction(round, at - 1, random), null, time);
  }

  private static Bid bid(long round, long random) {
    long last = round * AUCTIONS + AUCTIONS - 1;
    boolean hot = (random & 1) == 0;
    int back = (int) (random >>> 1 & 0x3FF) * RECENT >>> 10;
    long auction = hot ? last / RECENT * RECENT : Math.max(0, last - back);
    long bidder = (random >>> 32) * BIDDERS >>> 32;
    int more = (int) (random >>> 11 & 0x1F_FFFF);
    return new Bid(auction, bidder, 100 + more, CHANNELS[more & 15], URLS[more >>> 4 & 1023]);
  }

  private static Auction auction(long round, int which, long random) {
    int back = (int) (random >>> 1 & 0x3FF) * RECENT >>> 10;
    int price = (int) (random >>> 11 & 0xFFFF);
    return new Auction(
        round * AUCTIONS + which,
        ITEMS[(int) (random >>> 32 & 1023)],
        price,
        price + (random >>> 42 & 1023),
        Math.max(0, round - back),
        random >>> 60);
  }

  private static Person person(long round, long random) {
    return new Person(
        round,
        NAMES[(int) (random & 1023)],
        EMAILS[(int) (random >>> 10 & 1023)],
        CITIES[(int) (random >>> 20 & 63)],
        STATES[(int) (random >>> 26 & 31)]);
  }

  /** The finaliser of SplitMix64: every bit of the argument changes about half of the result's. */
  static long mix(long bits) {
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }

  private static String[] texts(String start, int count) {
    var texts = new String[count];
    for (int at = 0; at < count; at++) {
      texts[at] = start + at;
    }
    return texts;
  }

  private EventGenerator() {}
}
