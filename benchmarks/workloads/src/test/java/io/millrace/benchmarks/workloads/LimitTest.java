package io.millrace.benchmarks.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import io.millrace.benchmarks.workloads.events.Result;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitTest {
  private static final long EVENTS = 200_000;

  /** Some windows, and more than one gap. */
  private static final long EVENTS_OF_WINDOWS = 1_234_567;

  @ParameterizedTest
  @EnumSource
  void theLoopsFindWhatDefinitionsSay(Workload workload) throws Exception {
    long events =
        switch (workload) {
          case TUMBLING, SLIDING, JOIN, SESSION -> EVENTS_OF_WINDOWS;
          default -> EVENTS;
        };
    Tally.total();
    new Limit().run(workload, events);

    assertThat(Tally.total()).isEqualTo(byDefinition(workload, events));
  }

  @Test
  void eventsComeInTheirProportionsAndAreTheSameEachTime() {
    List<Event> events = LongStream.range(0, 5_000).mapToObj(EventGenerator::event).toList();

    assertThat(events.stream().filter(Event::isPerson)).hasSize(100);
    assertThat(events.stream().filter(Event::isAuction)).hasSize(300);
    assertThat(events.stream().filter(Event::isBid)).hasSize(4_600);
    assertThat(EventGenerator.event(4_999).hash()).isEqualTo(events.get(4_999).hash());
    assertThat(events.stream().map(Event::hash).distinct()).hasSize(5_000);
  }

  @Test
  void aTrialHasTheFieldsThatTablesAreMadeOf() throws Exception {
    var line = Figures.read(Trial.measure("limit", new Limit(), Workload.SHUFFLE, 6_000).json());

    assertThat(line.keySet())
        .containsExactly(
            "workload",
            "engine",
            "events",
            "seconds",
            "events_per_s",
            "cpu_s_per_M",
            "rss_mb",
            "checksum");
    long sum = byDefinition(Workload.SHUFFLE, 6_000);
    assertThat(line).containsEntry("checksum", String.format("%016x", sum));
  }

  private static long byDefinition(Workload workload, long events) {
    long sum = 0;
    switch (workload) {
      case PASSTHROUGH, SHUFFLE -> {
        for (long number = 0; number < events; number++) {
          Event event = EventGenerator.event(number).inEuro();
          if (workload == Workload.SHUFFLE || event.isOfInterest()) {
            sum += event.hash();
          }
        }
      }
      case TUMBLING -> {
        var counts = timesOfBids(events, event -> event.bid.auction);
        for (var auction : counts.entrySet()) {
          var windows = new TreeMap<Long, Long>();
          auction.getValue().forEach(time -> windows.merge(time / 10_000, 1L, Long::sum));
          for (var window : windows.entrySet()) {
            long start = window.getKey() * 10_000;
            sum += new Result(auction.getKey(), start, start + 10_000, window.getValue()).hash();
          }
        }
      }
      case SLIDING -> {
        var best = new TreeMap<Long, Result>();
        for (var auction : timesOfBids(events, event -> event.bid.auction).entrySet()) {
          var windows = new TreeMap<Long, Long>();
          for (long time : auction.getValue()) {
            for (long end = time / 1_000 + 1; end <= time / 1_000 + 10; end++) {
              windows.merge(end * 1_000, 1L, Long::sum);
            }
          }
          windows.forEach(
              (end, count) ->
                  best.merge(
                      end,
                      new Result(auction.getKey(), end - 10_000, end, count),
                      Result::highest));
        }
        sum = best.values().stream().mapToLong(Result::hash).sum();
      }
      case JOIN -> {
        var persons = new TreeMap<Long, Event>();
        for (long number = 0; number < events; number++) {
          Event event = EventGenerator.event(number);
          if (event.isPerson()) {
            persons.put(event.person.id, event);
          }
        }
        for (long number = 0; number < events; number++) {
          Event event = EventGenerator.event(number);
          if (event.isAuction()) {
            Event seller = persons.get(event.auction.seller);
            if (seller.time / 10_000 == event.time / 10_000) {
              long value = event.auction.reserve + seller.person.name.length();
              sum += new Result(seller.person.id, event.auction.id, 0, value).hash();
            }
          }
        }
      }
      case SESSION -> {
        for (var bidder : timesOfBids(events, event -> event.bid.bidder).entrySet()) {
          long first = -1;
          long last = -1;
          long bids = 0;
          for (long time : bidder.getValue()) {
            if (bids > 0 && time > last + 10_000) {
              sum += new Result(bidder.getKey(), first, last + 10_000, bids).hash();
              bids = 0;
            }
            first = bids == 0 ? time : first;
            last = time;
            bids++;
          }
          sum += new Result(bidder.getKey(), first, last + 10_000, bids).hash();
        }
      }
      case KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB -> {
        for (var bidder : timesOfBids(events, event -> event.bid.bidder).entrySet()) {
          for (int count = 1; count <= bidder.getValue().size(); count++) {
            sum += new Result(bidder.getKey(), 0, 0, count).hash();
          }
        }
      }
    }
    return sum;
  }

  private static Map<Long, List<Long>> timesOfBids(long events, ToLongFunction<Event> key) {
    var times = new HashMap<Long, List<Long>>();
    for (long number = 0; number < events; number++) {
      Event event = EventGenerator.event(number);
      if (event.isBid()) {
        times.computeIfAbsent(key.applyAsLong(event), each -> new ArrayList<>(2)).add(event.time);
      }
    }
    return times;
  }
}
