package io.millrace.benchmarks.flink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.millrace.benchmarks.workloads.events.Auction;
import io.millrace.benchmarks.workloads.events.Bid;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Person;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Written by hand: no reflection, strings in one piece. */
public final class EventSerializer extends TypeSerializerSingleton<Event> {
  static final EventSerializer INSTANCE = new EventSerializer();

  private static final int PERSON = 0;
  private static final int AUCTION = 1;
  private static final int BID = 2;

  @Override
  public void serialize(Event event, DataOutputView out) throws IOException {
    if (event.bid != null) {
      Bid bid = event.bid;
      out.writeByte(BID);
      out.writeLong(bid.auction);
      out.writeLong(bid.bidder);
      out.writeLong(bid.price);
      write(bid.channel, out);
      write(bid.url, out);
    } else if (event.auction != null) {
      Auction auction = event.auction;
      out.writeByte(AUCTION);
      out.writeLong(auction.id);
      write(auction.item, out);
      out.writeLong(auction.firstBid);
      out.writeLong(auction.reserve);
      out.writeLong(auction.seller);
      out.writeLong(auction.category);
    } else {
      Person person = event.person;
      out.writeByte(PERSON);
      out.writeLong(person.id);
      write(person.name, out);
      write(person.email, out);
      write(person.city, out);
      write(person.state, out);
    }
    out.writeLong(event.time);
  }

  @Override
  public Event deserialize(DataInputView in) throws IOException {
    var event = new Event();
    switch (in.readByte()) {
      case BID -> {
        var bid = new Bid();
        bid.auction = in.readLong();
        bid.bidder = in.readLong();
        bid.price = in.readLong();
        bid.channel = read(in);
        bid.url = read(in);
        event.bid = bid;
      }
      case AUCTION -> {
        var auction = new Auction();
        auction.id = in.readLong();
        auction.item = read(in);
        auction.firstBid = in.readLong();
        auction.reserve = in.readLong();
        auction.seller = in.readLong();
        auction.category = in.readLong();
        event.auction = auction;
      }
      default -> {
        var person = new Person();
        person.id = in.readLong();
        person.name = read(in);
        person.email = read(in);
        person.city = read(in);
        person.state = read(in);
        event.person = person;
      }
    }
    event.time = in.readLong();
    return event;
  }

  private static void write(String text, DataOutputView out) throws IOException {
    byte[] bytes = text.getBytes(ISO_8859_1);
    out.writeByte(bytes.length);
    out.write(bytes);
  }

  private static String read(DataInputView in) throws IOException {
    var bytes = new byte[in.readByte()];
    in.readFully(bytes);
    return new String(bytes, ISO_8859_1);
  }

  @Override
  public Event deserialize(Event reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }

  /** Nobody changes events here. */
  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public Event createInstance() {
    return new Event();
  }

  @Override
  public Event copy(Event event) {
    return event;
  }

  @Override
  public Event copy(Event event, Event reuse) {
    return event;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public TypeSerializerSnapshot<Event> snapshotConfiguration() {
    return new Snapshot();
  }

  /** Of a serializer that has nothing to configure. */
  public static final class Snapshot extends SimpleTypeSerializerSnapshot<Event> {
    public Snapshot() {
      super(() -> INSTANCE);
    }
  }
}
