package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Exchange.Peer;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.host.TamperingProxy.Harm;
import io.millrace.runtime.host.TamperingProxy.Plan;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What arrives when the network does not carry the bytes that were given to it. */
class TamperedLinesTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);
  private static final int CASES = 120;

  /** A length that is flipped makes the other side wait; it must not do so for long here. */
  private static final TransportLimits LIMITS =
      TransportLimits.DEFAULT
          .withGreetingTime(Duration.ofSeconds(2))
          .withSilence(Duration.ofSeconds(3));

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger channels = new AtomicInteger();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  // ---- data

  @Test
  void elementsArriveOnceAndInOrderOrTheChannelBreaks() throws Exception {
    var producer = exchange("producer", LIMITS);
    var consumer = exchange("consumer", LIMITS);
    TamperingProxy calm = proxy(producer.port(), new Plan(Harm.NONE, false, 0, 0));
    assertThat(transfer(producer, consumer, calm)).isEqualTo("all");

    var ends = new TreeMap<String, Integer>();
    List<Callable<String>> cases = new ArrayList<>();
    for (Plan plan : plans(calm)) {
      cases.add(
          () -> {
            try (TamperingProxy proxy = proxy(producer.port(), plan)) {
              String end = transfer(producer, consumer, proxy);
              assertThat(end).as("%s", plan).isIn("all", "broken");
              return plan.harm() + ", " + end;
            }
          });
    }
    inParallel(cases).forEach(end -> ends.merge(end, 1, Integer::sum));
    assertThat(ends)
        .as("the harm was done")
        .containsKeys(
            "FLIP, broken", "REPEAT, broken", "LOSE, broken", "END, broken", "RESET, broken");
  }

  @Test
  void elementsArriveByteByByte() throws Exception {
    // Nobody may lose patience here: all of it must arrive.
    var producer = exchange("producer", TransportLimits.DEFAULT);
    var consumer = exchange("consumer", TransportLimits.DEFAULT);
    for (boolean answers : List.of(true, false)) {
      var proxy = proxy(producer.port(), new Plan(Harm.SPLIT, answers, 0, 0));
      assertThat(transfer(producer, consumer, proxy)).isEqualTo("all");
      assertThat(proxy.harmed()).isTrue();
    }
  }

  private static final List<Element> SENT = elements();

  /**
   * Batches of one and of many records, one that needs several TLS records, and what is between.
   */
  private static List<Element> elements() {
    var elements = new ArrayList<Element>();
    for (long i = 0; i < 24; i++) {
      var values = new Object[] {i, i + 1, -i};
      if (i == 12) {
        values = new Object[5_000];
        for (int j = 0; j < values.length; j++) {
          values[j] = j * 7_777_777_777L;
        }
      }
      elements.add(new Batch(values, new long[values.length], values.length));
      elements.add(i % 2 == 0 ? new Element.Watermark(i) : new Element.Barrier(i));
    }
    elements.add(new Element.EndOfInput());
    return elements;
  }

  /** "all", or "broken" if both what arrived until then and the reason are right. */
  @SuppressWarnings("unchecked")
  private String transfer(
      NetworkExchange producer, NetworkExchange consumer, TamperingProxy proxy) {
    var spec =
        new ChannelSpec(
            new ChannelId(
                "0123456789abcdef0123456789abcdef", 0, 1, channels.incrementAndGet(), 0, 0),
            (Serializer<Object>) (Serializer<?>) Serializers.of(Long.class),
            getClass().getClassLoader(),
            4);
    OutChannel out =
        producer.openOut(spec, new Peer("consumer", "localhost", consumer.port()), Waker.NONE);
    InChannel in =
        consumer.openIn(spec, new Peer("producer", "localhost", proxy.port()), Waker.NONE);
    int sent = 0;
    int arrived = 0;
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (arrived < SENT.size()) {
        boolean control = sent < SENT.size() && !(SENT.get(sent) instanceof Batch);
        if (sent < SENT.size() && (control || out.hasCredit())) {
          out.send(SENT.get(sent++));
        }
        Element element = in.poll();
        if (element != null) {
          assertThat(arrived).isLessThan(sent);
          assertThat(text(element)).isEqualTo(text(SENT.get(arrived++)));
        } else if (System.nanoTime() > end) {
          return "neither after " + PATIENCE + ": " + arrived + " of " + SENT.size();
        } else {
          LockSupport.parkNanos(200_000);
        }
      }
      return "all";
    } catch (ChannelBrokenException e) {
      assertThat(e).hasMessageContaining("TaskManager producer (localhost:");
      return "broken";
    } finally {
      in.close();
      out.close();
    }
  }

  private static String text(Element element) {
    if (!(element instanceof Batch batch)) {
      return element.toString();
    }
    var values = new ArrayList<Object>();
    for (int i = 0; i < batch.size(); i++) {
      values.add(batch.value(i));
    }
    return values.toString();
  }

  private NetworkExchange exchange(String name, TransportLimits limits) throws IOException {
    var exchange =
        new NetworkExchange(
            IDENTITY,
            APPLICATION,
            name,
            "localhost",
            0,
            1 << 20,
            limits,
            new NetworkExchange.Times(Duration.ofSeconds(20), Duration.ofSeconds(15)));
    open.add(exchange);
    return exchange;
  }

  // ---- control

  @Test
  void messagesArriveAtMostOnceAndInOrder() throws Exception {
    var itself = new AtomicReference<ControlServer>();
    var heard = new ConcurrentLinkedQueue<Long>();
    var server =
        new ControlServer(
            IDENTITY,
            APPLICATION,
            "localhost",
            0,
            new Epoch(1, 0),
            LIMITS,
            (from, message) -> {
              long number = ((ClientRequest) message).number();
              heard.add(number);
              itself.get().send(from, new ClientAnswer.Accepted(number));
            });
    itself.set(server);
    open.add(server);
    TamperingProxy calm = proxy(server.port(), new Plan(Harm.NONE, false, 0, 0));
    converse(calm, 0);
    assertThat(heard).hasSize(MESSAGES + 1);

    List<Callable<String>> cases = new ArrayList<>();
    long number = 1;
    for (Plan plan : plans(calm)) {
      long mine = number++;
      cases.add(
          () -> {
            try (TamperingProxy proxy = proxy(server.port(), plan)) {
              converse(proxy, mine);
              return "";
            } catch (AssertionError e) {
              throw new AssertionError(plan + ": " + e.getMessage(), e);
            }
          });
    }
    inParallel(cases);
    // Each conversation has numbers of its own, which must only rise.
    var last = new TreeMap<Long, Long>();
    for (long each : heard) {
      Long before = last.put(each / 1_000_000, each);
      assertThat(each).isGreaterThan(before == null ? -1 : before);
      assertThat(each / 1_000_000).isLessThan(number);
      assertThat(each % 1_000_000).isLessThan(100_000);
    }
  }

  private static final int MESSAGES = 40;

  /** Says what it has to say once, then something new again and again until it is answered. */
  private void converse(TamperingProxy proxy, long conversation) throws IOException {
    var answers = new ConcurrentLinkedQueue<Long>();
    try (var line =
        new ControlConnection<>(
            IDENTITY,
            APPLICATION,
            Role.CLIENT,
            "client",
            () -> new InetSocketAddress("localhost", proxy.port()),
            LIMITS,
            ClientRequest.class,
            ClientAnswer.class,
            answer -> answers.add(((ClientAnswer.Accepted) answer).number()),
            news -> {})) {
      line.open();
      Eventually.holds("connected", PATIENCE, line::connected);
      long next = conversation * 1_000_000;
      for (int i = 0; i < MESSAGES; i++) {
        line.send(new ClientRequest.ListJobs(next++));
      }
      long end = System.nanoTime() + PATIENCE.toNanos();
      long sent = next;
      while (answers.stream().noneMatch(each -> each >= sent)) {
        assertThat(System.nanoTime()).as(line.trouble()).isLessThan(end);
        line.send(new ClientRequest.ListJobs(next++));
        for (int i = 0; i < 50 && answers.stream().noneMatch(each -> each >= sent); i++) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      long upTo = next;
      assertThat(new ArrayList<>(answers)).doesNotHaveDuplicates().isSorted();
      assertThat(answers).allMatch(each -> each / 1_000_000 == conversation && each < upTo);
    }
  }

  // ---- both

  /** At places all over both directions, a third of them where the two sides greet each other. */
  private static List<Plan> plans(TamperingProxy calm) {
    var random = new Random(26);
    var plans = new ArrayList<Plan>();
    List<Harm> harms =
        Arrays.stream(Harm.values())
            .filter(each -> each != Harm.NONE && each != Harm.SPLIT)
            .toList();
    for (int i = 0; i < CASES; i++) {
      // Every other one is a flipped bit.
      Harm harm = i % 2 == 0 ? Harm.FLIP : harms.get(random.nextInt(harms.size()));
      boolean answers = random.nextBoolean();
      long places = calm.passed(answers);
      long at = random.nextLong(i % 3 == 0 ? Math.min(places, 1_500) : places * 9 / 10);
      plans.add(new Plan(harm, answers, at, 1 + random.nextInt(64)));
    }
    return plans;
  }

  private TamperingProxy proxy(int target, Plan plan) throws IOException {
    var proxy = new TamperingProxy(target, plan);
    open.add(proxy);
    return proxy;
  }

  private static List<String> inParallel(List<Callable<String>> cases) throws Exception {
    var threads = Executors.newFixedThreadPool(16);
    try {
      var ends = new ArrayList<String>();
      for (var each : threads.invokeAll(cases, 5, TimeUnit.MINUTES)) {
        ends.add(each.get());
      }
      return ends;
    } finally {
      threads.shutdownNow();
    }
  }
}
