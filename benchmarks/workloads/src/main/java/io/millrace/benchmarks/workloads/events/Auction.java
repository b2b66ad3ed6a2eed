package io.millrace.benchmarks.workloads.events;

/** Something that a person wants to sell. */
public final class Auction {
  public long id;
  public String item;
  public long firstBid;
  public long reserve;

  /** The {@link Person#id}. */
  public long seller;

  public long category;

  public Auction() {}

  Auction(long id, String item, long firstBid, long reserve, long seller, long category) {
    this.id = id;
    this.item = item;
    this.firstBid = firstBid;
    this.reserve = reserve;
    this.seller = seller;
    this.category = category;
  }
}
