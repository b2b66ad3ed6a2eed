package io.millrace.benchmarks.workloads.limit;

import static io.millrace.benchmarks.workloads.Workload.GAP_MILLIS;
import static io.millrace.benchmarks.workloads.Workload.SLIDE_MILLIS;
import static io.millrace.benchmarks.workloads.Workload.WINDOW_MILLIS;

import io.millrace.benchmarks.workloads.events.Auction;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import io.millrace.benchmarks.workloads.events.Result;
import io.millrace.benchmarks.workloads.events.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** What lanes do with events that have crossed over to them. */
interface Work {
  /** Whether an event crosses at all. */
  boolean wants(Event event);

  /** Events with the same one meet in the same lane. */
  long key(Event event);

  /** A new one, for a lane. */
  Station station();

  /** All stations have come to their ends. */
  default void end() {}

  /** Where one lane's events arrive, in order of their times. */
  interface Station {
    void take(Event event);

    /** All events before that time have been taken. */
    default void passed(long time) {}

    default void end() {}
  }

  /** Of bids alone, by auction. */
  interface OfBids extends Work {
    @Override
    default boolean wants(Event event) {
      return event.isBid();
    }

    @Override
    default long key(Event event) {
      return event.bid.auction;
    }
  }

  final class Shuffle implements Work {
    @Override
    public boolean wants(Event event) {
      return true;
    }

    @Override
    public long key(Event event) {
      return event.key();
    }

    @Override
    public Station station() {
      Tally tally = Tally.open();
      return event -> tally.add(event.inEuro().hash());
    }
  }

  final class Tumbling implements OfBids {
    @Override
    public Station station() {
      Tally tally = Tally.open();
      var counts = new Counts();
      return new Station() {
        private long start;

        @Override
        public void take(Event event) {
          passed(event.time);
          counts.add(event.bid.auction, 1);
        }

        @Override
        public void passed(long time) {
          if (time >= start + WINDOW_MILLIS) {
            end();
            start = time - time % WINDOW_MILLIS;
          }
        }

        @Override
        public void end() {
          long end = start + WINDOW_MILLIS;
          counts.forEach(
              (auction, count) -> tally.add(new Result(auction, start, end, count).hash()));
          counts.clear();
        }
      };
    }
  }

  /** Counts each slide for itself; a window adds up those that it consists of. */
  final class Sliding implements OfBids {
    private static final int SLICES = (int) (WINDOW_MILLIS / SLIDE_MILLIS);

    private final ConcurrentHashMap<Long, Result> highest = new ConcurrentHashMap<>();

    @Override
    public Station station() {
      return new Station() {
        private final Counts[] slices = new Counts[SLICES];
        private final Counts sums = new Counts();
        private long slice;
        private Result best;

        {
          for (int i = 0; i < SLICES; i++) {
            slices[i] = new Counts();
          }
        }

        @Override
        public void take(Event event) {
          passed(event.time);
          slices[(int) (slice % SLICES)].add(event.bid.auction, 1);
        }

        @Override
        public void passed(long time) {
          while (time >= (slice + 1) * SLIDE_MILLIS) {
            close();
          }
        }

        @Override
        public void end() {
          for (int i = 0; i < SLICES; i++) {
            close();
          }
        }

        private void close() {
          long end = (slice + 1) * SLIDE_MILLIS;
          sums.clear();
          best = null;
          for (Counts counts : slices) {
            counts.forEach(
                (auction, count) -> {
                  long sum = sums.add(auction, count);
                  if (best == null || sum > best.value || sum == best.value && auction < best.key) {
                    best = new Result(auction, end - WINDOW_MILLIS, end, sum);
                  }
                });
          }
          if (best != null) {
            highest.merge(end, best, Result::highest);
          }
          slice++;
          slices[(int) (slice % SLICES)].clear();
        }
      };
    }

    @Override
    public void end() {
      Tally tally = Tally.open();
      highest.values().forEach(result -> tally.add(result.hash()));
    }
  }

  final class Join implements Work {
    @Override
    public boolean wants(Event event) {
      return !event.isBid();
    }

    @Override
    public long key(Event event) {
      return event.isPerson() ? event.person.id : event.auction.seller;
    }

    @Override
    public Station station() {
      Tally tally = Tally.open();
      var persons = new Counts(); // lengths of names
      List<Auction> auctions = new ArrayList<>();
      return new Station() {
        private long start;

        @Override
        public void take(Event event) {
          passed(event.time);
          if (event.isPerson()) {
            persons.add(event.person.id, event.person.name.length());
          } else {
            auctions.add(event.auction);
          }
        }

        @Override
        public void passed(long time) {
          if (time >= start + WINDOW_MILLIS) {
            end();
            start = time - time % WINDOW_MILLIS;
          }
        }

        @Override
        public void end() {
          for (Auction auction : auctions) {
            if (persons.contains(auction.seller)) {
              long name = persons.add(auction.seller, 0);
              tally.add(new Result(auction.seller, auction.id, 0, auction.reserve + name).hash());
            }
          }
          persons.clear();
          auctions.clear();
        }
      };
    }
  }

  final class Session implements OfBids {
    @Override
    public long key(Event event) {
      return event.bid.bidder;
    }

    @Override
    public Station station() {
      Tally tally = Tally.open();
      var numbers = new Counts();
      return new Station() {
        // By the number that a bidder has got.
        private final long[] bidders = new long[(int) EventGenerator.BIDDERS];
        private final long[] firsts = new long[bidders.length];
        private final long[] lasts = new long[bidders.length];
        private final long[] bids = new long[bidders.length];
        private int known;

        @Override
        public void take(Event event) {
          long bidder = event.bid.bidder;
          int number = (int) numbers.add(bidder, 0) - 1;
          if (number < 0) {
            number = known++;
            numbers.add(bidder, known);
            bidders[number] = bidder;
            firsts[number] = event.time;
          } else if (event.time > lasts[number] + GAP_MILLIS) {
            close(number);
            firsts[number] = event.time;
          }
          lasts[number] = event.time;
          bids[number]++;
        }

        private void close(int number) {
          long end = lasts[number] + GAP_MILLIS;
          tally.add(new Result(bidders[number], firsts[number], end, bids[number]).hash());
          bids[number] = 0;
        }

        @Override
        public void end() {
          for (int number = 0; number < known; number++) {
            close(number);
          }
        }
      };
    }
  }

  final class Keyed implements OfBids {
    @Override
    public long key(Event event) {
      return event.bid.bidder;
    }

    @Override
    public Station station() {
      Tally tally = Tally.open();
      var counts = new Counts();
      return event -> {
        long bidder = event.bid.bidder;
        tally.add(new Result(bidder, 0, 0, counts.add(bidder, 1)).hash());
      };
    }
  }
}
