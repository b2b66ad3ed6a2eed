package io.millrace.benchmarks.workloads.events;

/** One of three things that happen; the other two fields are null. */
public final class Event {
  public Person person;
  public Auction auction;
  public Bid bid;

  /** Event time in milliseconds. */
  public long time;

  public Event() {}

  public Event(Person person, Auction auction, Bid bid, long time) {
    this.person = person;
    this.auction = auction;
    this.bid = bid;
    this.time = time;
  }

  public boolean isPerson() {
    return person != null;
  }

  public boolean isAuction() {
    return auction != null;
  }

  public boolean isBid() {
    return bid != null;
  }

  /** The auction that it is about, or the person. */
  public long key() {
    if (bid != null) {
      return bid.auction;
    }
    return auction != null ? auction.id : person.id;
  }

  /** The same with the price in another currency; a new object where there is a price. */
  public Event inEuro() {
    return bid == null
        ? this
        : new Event(
            null,
            null,
            new Bid(bid.auction, bid.bidder, bid.price * 908 / 1000, bid.channel, bid.url),
            time);
  }

  /** All but about a tenth of the bids. */
  public boolean isOfInterest() {
    return bid == null || bid.price % 10 != 0;
  }

  /** A number that differs where any of the contents that workloads care for do. */
  public long hash() {
    if (bid != null) {
      return Tally.hash(bid.auction, bid.bidder, bid.price + bid.url.length(), time);
    }
    return auction != null
        ? Tally.hash(auction.id, auction.seller, auction.reserve + auction.item.length(), time)
        : Tally.hash(person.id, person.name.length(), person.email.length(), time);
  }
}
