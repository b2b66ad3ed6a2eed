package io.millrace.runtime.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LocalExchangeTest {
  private static final ChannelId ID = new ChannelId("job", 0, 1, 0, 0, 0);
  private static final Exchange.Peer SELF = new Exchange.Peer("tm", "localhost", 0);

  private final LocalExchange exchange = new LocalExchange();

  private static ChannelSpec spec(int capacity) {
    return new ChannelSpec(ID, null, LocalExchangeTest.class.getClassLoader(), capacity);
  }

  private static Batch batch(Object... values) {
    return new Batch(values, new long[values.length], values.length);
  }

  @Test
  void handsOverElementsInOrderWhicheverEndOpensFirst() {
    InChannel in = exchange.openIn(spec(2), SELF, Waker.NONE);
    OutChannel out = exchange.openOut(spec(2), SELF, Waker.NONE);
    Batch first = batch("a");
    out.send(first);
    out.send(new Element.Watermark(7));
    out.send(new Element.EndOfInput());
    assertThat(in.isEmpty()).isFalse();
    assertThat(in.poll()).isSameAs(first);
    assertThat(in.poll()).isEqualTo(new Element.Watermark(7));
    assertThat(in.poll()).isEqualTo(new Element.EndOfInput());
    assertThat(in.poll()).isNull();
    assertThat(in.isEmpty()).isTrue();
  }

  @Test
  void givesCreditForBatchesOnlyAndReturnsItWhenOneIsTaken() {
    var woken = new AtomicInteger();
    OutChannel out = exchange.openOut(spec(1), SELF, woken::incrementAndGet);
    InChannel in = exchange.openIn(spec(1), SELF, Waker.NONE);
    assertThat(out.hasCredit()).isTrue();
    out.send(batch("a"));
    assertThat(out.hasCredit()).isFalse();
    out.send(new Element.Barrier(1));
    in.poll();
    assertThat(out.hasCredit()).isTrue();
    assertThat(woken).hasValue(1);
    in.poll();
    assertThat(woken).hasValue(1);
  }

  @Test
  void keepsAtMostOneRequestOpen() {
    OutChannel out = exchange.openOut(spec(1), SELF, Waker.NONE);
    InChannel in = exchange.openIn(spec(1), SELF, Waker.NONE);
    assertThat(out.takeRequest()).isFalse();
    in.request();
    in.request();
    assertThat(out.takeRequest()).isTrue();
    assertThat(out.takeRequest()).isFalse();
  }

  @Test
  void forgetsAChannelWhenItsEndsAreClosed() {
    OutChannel out = exchange.openOut(spec(1), SELF, Waker.NONE);
    InChannel in = exchange.openIn(spec(1), SELF, Waker.NONE);
    out.close();
    assertThat(exchange.openChannels()).isEqualTo(1);
    in.close();
    assertThat(exchange.openChannels()).isZero();
  }

  /** Producer and consumer sleep whenever they can; one lost wake-up hangs the test. */
  @Test
  @Timeout(60)
  void losesNeitherElementsNorWakeUpsBetweenThreads() throws Exception {
    int count = 200_000;
    var consumerThread = new Thread[1];
    var producerThread = Thread.currentThread();
    OutChannel out = exchange.openOut(spec(1), SELF, () -> LockSupport.unpark(producerThread));
    List<Object> seen = new ArrayList<>();
    InChannel in = exchange.openIn(spec(1), SELF, () -> LockSupport.unpark(consumerThread[0]));
    consumerThread[0] =
        new Thread(
            () -> {
              while (seen.size() < count) {
                Element element = in.poll();
                if (element == null) {
                  LockSupport.park();
                } else {
                  seen.add(((Batch) element).value(0));
                }
              }
            });
    consumerThread[0].start();
    for (int i = 0; i < count; ) {
      if (out.hasCredit()) {
        out.send(batch(i++));
      } else {
        LockSupport.park();
      }
    }
    consumerThread[0].join();
    for (int i = 0; i < count; i++) {
      assertThat(seen.get(i)).isEqualTo(i);
    }
  }
}
