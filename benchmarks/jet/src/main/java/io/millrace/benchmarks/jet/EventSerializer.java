package io.millrace.benchmarks.jet;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import io.millrace.benchmarks.workloads.events.Auction;
import io.millrace.benchmarks.workloads.events.Bid;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Person;
import java.io.IOException;

/** For events in snapshots. */
public final class EventSerializer implements StreamSerializer<Event> {
  private static final int PERSON = 0;
  private static final int AUCTION = 1;
  private static final int BID = 2;

  @Override
  public int getTypeId() {
    return 1;
  }

  @Override
  public void write(ObjectDataOutput out, Event event) throws IOException {
    out.writeLong(event.time);
    if (event.isBid()) {
      out.writeByte(BID);
      out.writeLong(event.bid.auction);
      out.writeLong(event.bid.bidder);
      out.writeLong(event.bid.price);
      out.writeString(event.bid.channel);
      out.writeString(event.bid.url);
    } else if (event.isAuction()) {
      out.writeByte(AUCTION);
      out.writeLong(event.auction.id);
      out.writeString(event.auction.item);
      out.writeLong(event.auction.firstBid);
      out.writeLong(event.auction.reserve);
      out.writeLong(event.auction.seller);
      out.writeLong(event.auction.category);
    } else {
      out.writeByte(PERSON);
      out.writeLong(event.person.id);
      out.writeString(event.person.name);
      out.writeString(event.person.email);
      out.writeString(event.person.city);
      out.writeString(event.person.state);
    }
  }

  @Override
  public Event read(ObjectDataInput in) throws IOException {
    var event = new Event();
    event.time = in.readLong();
    switch (in.readByte()) {
      case BID -> {
        var bid = new Bid();
        bid.auction = in.readLong();
        bid.bidder = in.readLong();
        bid.price = in.readLong();
        bid.channel = in.readString();
        bid.url = in.readString();
        event.bid = bid;
      }
      case AUCTION -> {
        var auction = new Auction();
        auction.id = in.readLong();
        auction.item = in.readString();
        auction.firstBid = in.readLong();
        auction.reserve = in.readLong();
        auction.seller = in.readLong();
        auction.category = in.readLong();
        event.auction = auction;
      }
      default -> {
        var person = new Person();
        person.id = in.readLong();
        person.name = in.readString();
        person.email = in.readString();
        person.city = in.readString();
        person.state = in.readString();
        event.person = person;
      }
    }
    return event;
  }
}
