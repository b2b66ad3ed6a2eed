package io.millrace.benchmarks.jet;

import com.hazelcast.jet.Traverser;
import com.hazelcast.jet.Traversers;
import com.hazelcast.jet.datamodel.Tuple2;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;
import java.util.List;

/** What either API is given to do with an event or a result. */
final class Steps {
  static Traverser<Result> opened(Tuple2<List<Event>, List<Event>> groups) {
    return Traversers.traverseIterable(groups.f0())
        .flatMap(
            person ->
                Traversers.traverseIterable(groups.f1())
                    .map(
                        auction ->
                            new Result(
                                person.person.id,
                                auction.auction.id,
                                0,
                                auction.auction.reserve + person.person.name.length())));
  }

  static Event convertedIfOfInterest(Event event) {
    Event converted = event.inEuro();
    return converted.isOfInterest() ? converted : null;
  }

  static Result highest(Result one, Result other) {
    return one.highest(other);
  }

  static Long auction(Event event) {
    return event.bid.auction;
  }

  static Long bidder(Event event) {
    return event.bid.bidder;
  }

  static Long person(Event event) {
    return event.person.id;
  }

  static Long seller(Event event) {
    return event.auction.seller;
  }

  static Long to(Result result) {
    return result.to;
  }

  private Steps() {}
}
