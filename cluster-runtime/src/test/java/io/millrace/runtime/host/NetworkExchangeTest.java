package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Exchange.Peer;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.RecordTooLargeException;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.kernel.Purpose;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NetworkExchangeTest {
  private static final String APPLICATION = "application_1_0001";
  private static final String JOB = "0123456789abcdef0123456789abcdef";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);
  private static final int CAPACITY = 4;
  private static final int MAX_RECORD = 1 << 20;

  private NetworkExchange producer;
  private NetworkExchange consumer;

  /** What a record of any shape looks like on the wire. */
  record Order(String name, long amount, List<Integer> items) {}

  @BeforeEach
  void start() throws IOException {
    producer = exchange("producer", NetworkExchange.Times.DEFAULT);
    consumer = exchange("consumer", NetworkExchange.Times.DEFAULT);
  }

  private static NetworkExchange exchange(String name, NetworkExchange.Times times)
      throws IOException {
    return new NetworkExchange(
        IDENTITY, APPLICATION, name, "localhost", 0, MAX_RECORD, TransportLimits.DEFAULT, times);
  }

  @AfterEach
  void end() {
    consumer.close();
    producer.close();
  }

  @Test
  void elementsArriveInOrderAndWhole() {
    var channel = open(spec(0, Order.class));
    var first =
        batch(
            new Object[] {new Order("a", 1, List.of(1, 2)), new Order("ü€", -5, List.of()), null},
            1000,
            900,
            Long.MIN_VALUE);
    Eventually.holds("credit", channel.out::hasCredit);
    channel.out.send(first);
    channel.out.send(new Element.Watermark(950));
    channel.out.send(new Element.Idle(true));
    channel.out.send(new Element.Barrier(7, Purpose.stop("hdfs://nn/savepoint")));
    channel.out.send(new Element.EndOfInput());
    channel.out.send(new Element.Split(new Order("split", 0, List.of(9))));

    assertThat(values((Batch) channel.take()))
        .containsExactly(new Order("a", 1, List.of(1, 2)), new Order("ü€", -5, List.of()), null);
    assertThat(channel.take()).isEqualTo(new Element.Watermark(950));
    assertThat(channel.take()).isEqualTo(new Element.Idle(true));
    assertThat(channel.take())
        .isEqualTo(new Element.Barrier(7, Purpose.stop("hdfs://nn/savepoint")));
    assertThat(channel.take()).isEqualTo(new Element.EndOfInput());
    assertThat(channel.take()).isEqualTo(new Element.Split(new Order("split", 0, List.of(9))));
    assertThat(channel.in.isEmpty()).isTrue();
    assertThat(channel.in.poll()).isNull();
  }

  @Test
  void timestampsSurviveAnyDistance() {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    long[] times = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1, 1};
    channel.out.send(new Batch(new Object[] {1L, 2L, 3L, 4L, 5L}, times, 5));
    var read = (Batch) channel.take();
    for (int i = 0; i < times.length; i++) {
      assertThat(read.timestamp(i)).isEqualTo(times[i]);
    }
  }

  @Test
  void dynamicRecordsNameTheirClassesInEveryFrame() {
    var channel = open(new ChannelSpec(id(0, 1), Serializers.dynamic(), loader(), CAPACITY));
    for (int round = 0; round < 2; round++) {
      Eventually.holds("credit", channel.out::hasCredit);
      channel.out.send(batch(new Object[] {"a", 5L, new Order("o", 1, List.of(1))}, 0, 0, 0));
      assertThat(values((Batch) channel.take()))
          .containsExactly("a", 5L, new Order("o", 1, List.of(1)));
    }
  }

  @Test
  void batchesNeedCreditAndControlElementsDoNot() {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    for (long i = 0; i < CAPACITY; i++) {
      assertThat(channel.out.hasCredit()).isTrue();
      channel.out.send(batch(new Object[] {i}, i));
    }
    assertThat(channel.out.hasCredit()).isFalse();
    channel.out.send(new Element.Barrier(1));
    channel.out.send(new Element.Watermark(5));
    int wakes = channel.producerWakes.get();
    for (long i = 0; i < CAPACITY; i++) {
      assertThat(values((Batch) channel.take())).containsExactly(i);
    }
    Eventually.holds("credit came back", channel.out::hasCredit);
    assertThat(channel.producerWakes.get()).isGreaterThan(wakes);
    assertThat(channel.take()).isEqualTo(new Element.Barrier(1));
    assertThat(channel.take()).isEqualTo(new Element.Watermark(5));
  }

  /**
   * A batch that needs more credit than there is: its frames wait, and a barrier goes before them.
   */
  @Test
  void aBarrierOvertakesWhatWaitsForCredit() throws IOException {
    for (boolean inOrderFirst : new boolean[] {false, true}) {
      var channel = open(spec(inOrderFirst ? 1 : 0, String.class));
      Eventually.holds("credit", channel.out::hasCredit);
      Object[] values = large(40);
      channel.out.send(new Batch(values, new long[values.length], values.length));
      if (inOrderFirst) {
        channel.out.send(new Element.Barrier(3));
        assertThat(channel.out.passed()).isFalse();
        channel.out.send(new Element.Watermark(9));
      }
      List<InFlight> overtaken = channel.out.overtake(new Element.Barrier(3));
      assertThat(channel.out.passed()).isTrue();
      assertThat(overtaken).isNotEmpty();
      assertThat(channel.out.overtake(new Element.Barrier(3))).isEmpty();

      Eventually.holds("the barrier is announced", () -> channel.in.announced().checkpoint() == 3);
      List<InFlight> before = channel.in.before(3, strings());
      assertThat(before).hasSize(CAPACITY);
      var found = new ArrayList<Object>(read(before, strings()));
      found.addAll(read(overtaken, strings()));
      assertThat(found).containsExactly(values);

      var taken = new ArrayList<Object>();
      var barrierBehind = new ArrayList<Integer>();
      while (taken.size() < values.length) {
        Element element = channel.take();
        if (element instanceof Batch batch) {
          taken.addAll(values(batch));
        } else {
          assertThat(element).isEqualTo(new Element.Barrier(3));
          barrierBehind.add(taken.size());
        }
      }
      assertThat(taken).containsExactly(values);
      assertThat(barrierBehind).containsExactly(read(before, strings()).size());
      if (inOrderFirst) {
        assertThat(channel.take()).isEqualTo(new Element.Watermark(9));
      }
    }
  }

  @Test
  void aBarrierOvertakesWhatWaitsForAConnection() throws IOException {
    OutChannel out = producer.openOut(spec(0, String.class), peer(consumer, "c"), Waker.NONE);
    Object[] values = large(3);
    out.send(new Batch(values, new long[3], 3));
    out.send(new Element.Watermark(5));
    List<InFlight> overtaken = out.overtake(new Element.Barrier(1));
    assertThat(overtaken).hasSizeGreaterThan(1);
    assertThat(out.passed()).isFalse();

    var in = consumer.openIn(spec(0, String.class), peer(producer, "producer"), Waker.NONE);
    Eventually.holds("the barrier is announced", () -> in.announced().checkpoint() == 1);
    assertThat(out.passed()).isTrue();
    assertThat(in.before(1, strings())).isEmpty();
    assertThat(in.poll()).isEqualTo(new Element.Barrier(1));
  }

  @Test
  void barriersOfSavepointsAreNotAnnounced() {
    var channel = open(spec(0, String.class));
    channel.out.send(new Element.Barrier(1, Purpose.savepoint("hdfs://nn/savepoint")));
    assertThat(channel.take()).isInstanceOf(Element.Barrier.class);
    assertThat(channel.in.announced()).isEqualTo(Element.Barrier.NONE);
  }

  private static Object[] large(int records) {
    var values = new Object[records];
    for (int i = 0; i < records; i++) {
      values[i] = i + "x".repeat(30_000);
    }
    return values;
  }

  private static List<Object> read(List<InFlight> elements, Serializer<Object> records)
      throws IOException {
    var found = new ArrayList<Object>();
    for (InFlight each : elements) {
      var out = new DataWriter();
      each.write(out);
      Element element =
          InFlight.read(new DataReader(out.toByteArray(), loader()), records, loader());
      if (element instanceof Batch batch) {
        found.addAll(values(batch));
      }
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> strings() {
    return (Serializer<Object>) (Serializer<?>) Serializers.of(String.class);
  }

  @Test
  void aBatchOfManyFramesIsHeldBackToItsCreditAndKeepsItsOrder() {
    var channel = open(spec(0, String.class));
    Eventually.holds("credit", channel.out::hasCredit);
    var values = new Object[2000];
    var times = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + "x".repeat(1000);
      times[i] = i;
    }
    channel.out.send(new Batch(values, times, values.length));
    channel.out.send(new Element.Barrier(3));
    assertThat(channel.out.hasCredit()).isFalse();
    var got = new ArrayList<Object>();
    int frames = 0;
    Element element = channel.take();
    while (element instanceof Batch batch) {
      frames++;
      got.addAll(values(batch));
      element = channel.take();
    }
    assertThat(element).isEqualTo(new Element.Barrier(3));
    assertThat(got).containsExactly(values);
    assertThat(frames).isBetween(30, 34);
  }

  @Test
  void aLargeRecordGoesInAFrameOfItsOwnAndTakesItsCredit() {
    var channel = open(spec(0, byte[].class));
    Eventually.holds("credit", channel.out::hasCredit);
    byte[] large = new byte[MAX_RECORD - 100];
    new Random(1).nextBytes(large);
    byte[] small = {1, 2, 3};
    channel.out.send(batch(new Object[] {small, large, small}, 1, 2, 3));
    assertThat((byte[]) ((Batch) channel.take()).value(0)).isEqualTo(small);
    var second = (Batch) channel.take();
    assertThat(second.size()).isEqualTo(1);
    assertThat((byte[]) second.value(0)).isEqualTo(large);
    assertThat((byte[]) ((Batch) channel.take()).value(0)).isEqualTo(small);
    Eventually.holds("all credit is back", channel.out::hasCredit);
  }

  /** It needs all the credit there is, and the consumer has taken a batch before that element. */
  @Test
  void aLargeRecordBehindAControlElementGetsItsCredit() {
    var channel = open(spec(0, byte[].class));
    Eventually.holds("credit", channel.out::hasCredit);
    channel.out.send(batch(new Object[] {new byte[] {1}}, 1));
    channel.out.send(new Element.Barrier(1));
    Eventually.holds("all has arrived", () -> channel.in.announced().checkpoint() == 1);
    channel.take();
    channel.take();

    byte[] large = new byte[MAX_RECORD - 100];
    channel.out.send(batch(new Object[] {large}, 1));

    assertThat((byte[]) ((Batch) channel.take()).value(0)).isEqualTo(large);
  }

  @Test
  void aRecordThatIsTooLargeNamesTheSetting() {
    var channel = open(spec(0, byte[].class));
    Eventually.holds("credit", channel.out::hasCredit);
    assertThatThrownBy(() -> channel.out.send(batch(new Object[] {new byte[MAX_RECORD + 1]}, 1)))
        .isInstanceOf(RecordTooLargeException.class)
        .hasMessageContaining("exchange.max-record")
        .hasMessageContaining("1048576");
  }

  @Test
  void aConsumerMayComeBeforeItsChannelIsOpen() {
    ChannelSpec spec = spec(0, Long.class);
    var wakes = new AtomicInteger();
    InChannel in = consumer.openIn(spec, peer(producer, "producer"), wakes::incrementAndGet);
    in.request();
    var before = open(spec(1, Long.class)); // the connection stands once this one has credit
    Eventually.holds("connected", before.out::hasCredit);

    OutChannel out = producer.openOut(spec, peer(consumer, "consumer"), Waker.NONE);
    Eventually.holds("credit", out::hasCredit);
    Eventually.holds("the request came too", out::takeRequest);
    assertThat(out.takeRequest()).isFalse();
    out.send(batch(new Object[] {1L}, 1));
    Eventually.holds("element", () -> !in.isEmpty());
    assertThat(wakes).hasPositiveValue();
  }

  @Test
  void controlElementsSentBeforeTheConsumerCameAreNotLost() {
    ChannelSpec spec = spec(0, Long.class);
    OutChannel out = producer.openOut(spec, peer(consumer, "consumer"), Waker.NONE);
    out.send(new Element.Watermark(1));
    out.send(new Element.Barrier(1));
    InChannel in = consumer.openIn(spec, peer(producer, "producer"), Waker.NONE);
    Eventually.holds("first", () -> !in.isEmpty());
    assertThat(in.poll()).isEqualTo(new Element.Watermark(1));
    Eventually.holds("second", () -> !in.isEmpty());
    assertThat(in.poll()).isEqualTo(new Element.Barrier(1));
  }

  @Test
  void requestsComeOnceEach() {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    assertThat(channel.out.takeRequest()).isFalse();
    for (int i = 0; i < 3; i++) {
      channel.in.request();
      Eventually.holds("request", channel.out::takeRequest);
      assertThat(channel.out.takeRequest()).isFalse();
    }
  }

  @Test
  void channelsOfOverGenerationsAreRefused() {
    open(new ChannelSpec(id(0, 5), longs(), loader(), CAPACITY));
    InChannel old =
        consumer.openIn(
            new ChannelSpec(id(0, 4), longs(), loader(), CAPACITY),
            peer(producer, "producer"),
            Waker.NONE);
    Eventually.holds("an end", () -> !old.isEmpty());
    assertThatThrownBy(old::poll)
        .isInstanceOf(ChannelBrokenException.class)
        .hasMessageContaining("producer")
        .hasMessageContaining("generation 4 is over");
  }

  @Test
  void aChannelThatIsNeverOpenedIsRefusedAtTheDeadline() throws IOException {
    var hasty =
        exchange("hasty", new NetworkExchange.Times(Duration.ofMillis(200), Duration.ofSeconds(1)));
    try {
      InChannel in = consumer.openIn(spec(0, Long.class), peer(hasty, "hasty"), Waker.NONE);
      Eventually.holds("an end", () -> !in.isEmpty());
      assertThatThrownBy(in::poll).hasMessageContaining("was not opened within");
    } finally {
      hasty.close();
    }
  }

  @Test
  void aSecondConsumerOfAChannelIsRefused() throws IOException {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    InChannel second = consumer.openIn(spec(0, Long.class), peer(producer, "producer"), Waker.NONE);
    Eventually.holds("an end", () -> !second.isEmpty());
    assertThatThrownBy(second::poll).hasMessageContaining("taken already");
    channel.out.send(batch(new Object[] {1L}, 1));
    assertThat(values((Batch) channel.take())).containsExactly(1L);
  }

  @Test
  void aBrokenConnectionEndsBothSidesAfterWhatArrived() {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    channel.out.send(batch(new Object[] {1L}, 1));
    Eventually.holds("arrived", () -> !channel.in.isEmpty());
    producer.close();
    Eventually.holds(
        "producer notices",
        () -> {
          try {
            channel.out.check();
            return false;
          } catch (ChannelBrokenException e) {
            return e.getMessage().contains("consumer");
          }
        });
    assertThat(channel.out.hasCredit()).isFalse();
    assertThat(values((Batch) channel.take())).containsExactly(1L);
    Eventually.holds("an end", () -> !channel.in.isEmpty());
    assertThatThrownBy(channel.in::poll)
        .isInstanceOf(ChannelBrokenException.class)
        .hasMessageContaining("TaskManager producer (localhost:");
  }

  @Test
  void aPeerThatCannotBeReachedBreaksTheChannel() throws IOException {
    var hasty =
        exchange("hasty", new NetworkExchange.Times(Duration.ofSeconds(1), Duration.ofMillis(300)));
    int port = producer.port();
    producer.close();
    try {
      InChannel in =
          hasty.openIn(spec(0, Long.class), new Peer("producer", "localhost", port), Waker.NONE);
      Eventually.holds("an end", () -> !in.isEmpty());
      assertThatThrownBy(in::poll).hasMessageContaining("producer");
    } finally {
      hasty.close();
    }
  }

  @Test
  void aPeerOfAnotherNameIsNotTalkedTo() {
    InChannel in = consumer.openIn(spec(0, Long.class), peer(producer, "somebody"), Waker.NONE);
    Eventually.holds("an end", () -> !in.isEmpty());
    assertThatThrownBy(in::poll).hasMessageContaining("at its address is TaskManager producer");
  }

  @Test
  void aClosedChannelIsQuietOnTheOtherSide() {
    var channel = open(spec(0, Long.class));
    Eventually.holds("credit", channel.out::hasCredit);
    channel.out.send(new Element.EndOfInput());
    channel.out.close();
    assertThat(channel.take()).isEqualTo(new Element.EndOfInput());
    assertThat(channel.in.poll()).isNull();
    channel.in.close();
  }

  @Test
  void aHundredThousandRecordsOverManyChannelsArriveInOrder() throws InterruptedException {
    int channels = 8;
    int batches = 200;
    var all = new ArrayList<Pair>();
    for (int i = 0; i < channels; i++) {
      all.add(open(spec(i, Long.class)));
    }
    var sender =
        new Thread(
            () -> {
              var sent = new int[channels];
              int left = channels * batches;
              while (left > 0) {
                for (int i = 0; i < channels; i++) {
                  if (sent[i] < batches && all.get(i).out.hasCredit()) {
                    var values = new Object[64];
                    for (int j = 0; j < 64; j++) {
                      values[j] = sent[i] * 64L + j;
                    }
                    all.get(i).out.send(new Batch(values, new long[64], 64));
                    sent[i]++;
                    left--;
                  }
                }
                Thread.onSpinWait();
              }
            });
    sender.setDaemon(true);
    sender.start();
    var next = new long[channels];
    for (int i = 0; i < channels * batches; i++) {
      int channel = i % channels;
      for (Object value : values((Batch) all.get(channel).take())) {
        assertThat(value).isEqualTo(next[channel]++);
      }
    }
    sender.join(10_000);
  }

  // ---- channels

  private record Pair(OutChannel out, InChannel in, AtomicInteger producerWakes) {
    Element take() {
      Eventually.holds("an element", () -> !in.isEmpty());
      return in.poll();
    }
  }

  private Pair open(ChannelSpec spec) {
    var wakes = new AtomicInteger();
    OutChannel out = producer.openOut(spec, peer(consumer, "consumer"), wakes::incrementAndGet);
    InChannel in = consumer.openIn(spec, peer(producer, "producer"), Waker.NONE);
    return new Pair(out, in, wakes);
  }

  private static Peer peer(NetworkExchange exchange, String name) {
    return new Peer(name, "localhost", exchange.port());
  }

  private static ChannelId id(int edge, int generation) {
    return new ChannelId(JOB, 0, generation, edge, 0, 0);
  }

  @SuppressWarnings("unchecked")
  private static <T> ChannelSpec spec(int edge, Class<T> type) {
    return new ChannelSpec(
        id(edge, 1), (Serializer<Object>) Serializers.of(type), loader(), CAPACITY);
  }

  @SuppressWarnings("unchecked")
  private static Serializer<Object> longs() {
    return (Serializer<Object>) (Serializer<?>) Serializers.of(Long.class);
  }

  private static ClassLoader loader() {
    return NetworkExchangeTest.class.getClassLoader();
  }

  private static Batch batch(Object[] values, long... timestamps) {
    return new Batch(values, timestamps, values.length);
  }

  private static List<Object> values(Batch batch) {
    var values = new ArrayList<Object>();
    for (int i = 0; i < batch.size(); i++) {
      values.add(batch.value(i));
    }
    return values;
  }
}
