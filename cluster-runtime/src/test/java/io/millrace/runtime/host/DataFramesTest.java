package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What data connections say, without the connections. */
class DataFramesTest {
  private static final int CAP = 1 << 20;

  /** A record of many parts: lengths, class ids, numbers and text. */
  record Order(String name, long amount, List<Integer> items, Map<String, Double> prices) {}

  // ---- what TLS would have refused already

  @Test
  void noFlippedBitOfASessionChangesWhatIsUnderstood() {
    byte[] session = session();
    List<byte[]> payloads = decode(session);
    assertThat(payloads).extracting(each -> (int) each[0]).contains(0, 1, 2, 3, 4, 5, 6, 7);
    for (int bit = 0; bit < session.length * 8; bit++) {
      byte[] flipped = session.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      List<byte[]> understood = decode(flipped);
      assertThat(understood).as("bit " + bit).hasSizeLessThan(payloads.size());
      for (int i = 0; i < understood.size(); i++) {
        assertThat(understood.get(i)).as("bit %s, frame %s", bit, i).isEqualTo(payloads.get(i));
      }
    }
  }

  /** Behind the checksum, where only a peer with a fault of its own can put them. */
  @Test
  void aFlippedBitOfAPayloadIsReadOrCalledCorrupt() {
    ChannelSpec spec = spec(Serializers.of(Order.class));
    for (byte[] payload : decode(session())) {
      for (int bit = 0; bit < payload.length * 8; bit++) {
        byte[] flipped = payload.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        try {
          read(flipped, spec);
        } catch (CorruptDataException e) {
          assertThat(e).as("bit " + bit).hasMessageNotContaining("null");
        }
      }
    }
  }

  @Test
  void aPayloadCutOffAnywhereIsCalledCorrupt() {
    ChannelSpec spec = spec(Serializers.of(Order.class));
    for (byte[] payload : decode(session())) {
      for (int length = 1; length < payload.length; length++) {
        try {
          read(java.util.Arrays.copyOf(payload, length), spec);
          // Pings, requests and the end of a channel say all in their first bytes.
          assertThat(payload[0]).isIn(DataFrames.REFUSED, DataFrames.CREDIT, DataFrames.PING);
        } catch (CorruptDataException e) {
          assertThat(e).hasMessageNotContaining("null");
        }
      }
    }
  }

  private static void read(byte[] payload, ChannelSpec spec) {
    switch (payload[0]) {
      case DataFrames.SUBSCRIBE -> {
        DataFrames.number(payload);
        DataFrames.readSubscription(payload);
      }
      case DataFrames.CREDIT -> {
        DataFrames.number(payload);
        DataFrames.readCredit(payload);
      }
      case DataFrames.REQUEST, DataFrames.UNSUBSCRIBE -> DataFrames.number(payload);
      case DataFrames.REFUSED -> {
        DataFrames.number(payload);
        DataFrames.readRefused(payload);
      }
      case DataFrames.BATCH, DataFrames.CONTROL -> {
        DataFrames.number(payload);
        DataFrames.sequence(payload);
        DataFrames.readElement(payload, spec.records(), spec.loader());
      }
      default -> {} // refused by whoever reads the kind
    }
  }

  /** At least one frame of each kind, both sides' in one. */
  private static byte[] session() {
    ChannelSpec spec = spec(Serializers.of(Order.class));
    var writer = new DataFrames.ElementWriter(spec, CAP);
    var order = new Order("ü€", -5, List.of(1, 2, 3), new TreeMap<>(Map.of("a", 1.5)));
    var elements =
        List.of(
            new Batch(new Object[] {order, null, order}, new long[] {1, Long.MIN_VALUE, 7}, 3),
            new Element.Watermark(950),
            new Element.Idle(true),
            new Element.Barrier(7),
            new Element.Split(order),
            new Element.EndOfInput());
    var session = new ByteArrayOutputStream();
    add(DataFrames.subscribe(1, spec.id(), spec.capacity()), session);
    add(DataFrames.request(1), session);
    long sequence = 0;
    for (Element element : elements) {
      for (byte[] frame : writer.write(element)) {
        add(DataFrames.address(frame, 1, sequence++), session);
      }
    }
    add(DataFrames.credit(1, 2), session);
    add(DataFrames.ping(), session);
    add(DataFrames.refused(2, "it is not offered"), session);
    add(DataFrames.unsubscribe(1), session);
    return session.toByteArray();
  }

  private static void add(ByteBuf frame, ByteArrayOutputStream session) {
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    session.writeBytes(bytes);
  }

  /** All payloads until the first frame that is refused. */
  private static List<byte[]> decode(byte[] session) {
    var channel = new EmbeddedChannel(new Frames.Decoder(CAP));
    try {
      channel.writeInbound(Unpooled.wrappedBuffer(session));
    } catch (RuntimeException e) {
      assertThat(e).hasRootCauseInstanceOf(Frames.BadFrameException.class);
    }
    var payloads = new ArrayList<byte[]>();
    for (byte[] next = channel.readInbound(); next != null; next = channel.readInbound()) {
      payloads.add(next);
    }
    return payloads;
  }

  // ---- memory

  @Test
  void aLargeRecordCostsItsMemoryOnlyWhileItIsWritten() {
    byte[] large = new byte[CAP - 100];
    holdsLittleAfter(new Batch(new Object[] {large}, new long[1], 1));
  }

  @Test
  void aLargeSplitCostsItsMemoryOnlyWhileItIsWritten() {
    holdsLittleAfter(new Element.Split(new byte[CAP - 100]));
  }

  /** Many channels that have sent it are still there. */
  private static void holdsLittleAfter(Element large) {
    var writers = new ArrayList<DataFrames.ElementWriter>();
    long before = heap();
    for (int i = 0; i < 64; i++) {
      var writer = new DataFrames.ElementWriter(spec(Serializers.of(byte[].class)), CAP);
      assertThat(writer.write(large).get(0)).hasSizeGreaterThan(CAP - 100);
      writers.add(writer);
    }
    assertThat(heap() - before).isLessThan(16 << 20);
    assertThat(writers).allSatisfy(each -> assertThat(each.write(large)).hasSize(1));
  }

  private static long heap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @SuppressWarnings("unchecked")
  private static ChannelSpec spec(Serializer<?> records) {
    return new ChannelSpec(
        new ChannelId("0123456789abcdef0123456789abcdef", 0, 1, 0, 0, 0),
        (Serializer<Object>) records,
        DataFramesTest.class.getClassLoader(),
        4);
  }
}
