package io.millrace.benchmarks.workloads.events;

/** What somebody offers. */
public final class Bid {
  /** The {@link Auction#id}. */
  public long auction;

  public long bidder;
  public long price;
  public String channel;
  public String url;

  public Bid() {}

  public Bid(long auction, long bidder, long price, String channel, String url) {
    this.auction = auction;
    this.bidder = bidder;
    this.price = price;
    this.channel = channel;
    this.url = url;
  }
}
