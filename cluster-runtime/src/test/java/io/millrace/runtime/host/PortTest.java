package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.host.Hello.Refusal;
import io.millrace.runtime.host.Hello.Role;
import io.millrace.runtime.protocol.Epoch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Strangers at the door: what they may say, for how long, and that they never get in. */
class PortTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity OURS = ClusterIdentity.create(APPLICATION);
  private static final ClusterIdentity OTHER = ClusterIdentity.create(APPLICATION);
  private static final TransportLimits LIMITS =
      TransportLimits.DEFAULT.withGreetingTime(Duration.ofSeconds(60));

  /** Not for the reason that a greeting was waited for, however busy the machine is. */
  private static final Duration SOON = Duration.ofSeconds(20);

  private static final int PATIENCE_MILLIS = 30_000;

  private static EventLoopGroup loop;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final AtomicInteger admitted = new AtomicInteger();
  private final AtomicInteger payloads = new AtomicInteger();
  private Port port;

  @BeforeAll
  static void startLoop() {
    loop = Loops.one("test-loop");
  }

  @AfterAll
  static void endLoop() {
    Loops.end(loop);
  }

  @BeforeEach
  void openPort() throws IOException {
    port = openPort(OURS, LIMITS);
  }

  private Port openPort(ClusterIdentity identity, TransportLimits limits) throws IOException {
    Port opened =
        Port.open(loop, "localhost", 0, identity, limits, limits.controlCap(), new Counting());
    open.add(opened);
    return opened;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  // ---- who gets in

  @Test
  void aMemberGetsIn() throws Exception {
    assertThat(dial(OURS, hello(APPLICATION))).isEqualTo("in");
    assertThat(admitted).hasValue(1);
    assertThat(port.refusals()).isZero();
  }

  @Test
  void aMemberThatReadItsIdentityFromBytesGetsIn() throws Exception {
    var copy = ClusterIdentity.fromBytes(OURS.toBytes());
    assertThat(copy.fingerprint()).isEqualTo(OURS.fingerprint());
    assertThat(dial(copy, hello(APPLICATION))).isEqualTo("in");
  }

  @Test
  void serverFailsWithoutClientCertificate() throws Exception {
    assertThat(turnedAway(null, "TLSv1.3", port.number(), greeting())).isTrue();
    assertThat(admitted).hasValue(0);
    Eventually.holds("refusal counted", () -> port.refusals() == 1);
  }

  @Test
  void anotherApplicationsCertificateIsRefused() throws Exception {
    assertThat(turnedAway(OTHER, "TLSv1.3", port.number(), greeting())).isTrue();
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aMemberDoesNotTrustAnotherServer() throws Exception {
    Port other = openPort(OTHER, LIMITS);
    assertThat(dial(OURS, hello(APPLICATION), other.number())).contains("another application");
    assertThat(admitted).hasValue(0);
  }

  @Test
  void anExpiredCertificateIsRefusedByBothSides() throws Exception {
    Instant now = Instant.now();
    var expired =
        CertificateMint.mint(
            APPLICATION, now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
    Port old = openPort(expired, LIMITS);
    assertThat(dial(expired, hello(APPLICATION), old.number())).contains("no connection");
    assertThat(turnedAway(expired, "TLSv1.3", old.number(), greeting())).isTrue();
    assertThat(admitted).hasValue(0);
  }

  @Test
  void olderTlsIsRefused() throws Exception {
    assertThat(turnedAway(OURS, "TLSv1.2", port.number(), greeting())).isTrue();
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aCapturedSessionCannotBeReplayed() throws Exception {
    var captured = new ByteArrayOutputStream();
    try (var relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var answered = new CountDownLatch(1);
      CompletableFuture<Void> done = relayOne(relay, captured, answered);
      assertThat(dial(OURS, hello(APPLICATION), relay.getLocalPort())).isEqualTo("in");
      answered.countDown();
      done.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
    assertThat(admitted).hasValue(1);
    assertThat(captured.size()).isGreaterThan(500);

    var socket = new Socket(InetAddress.getLoopbackAddress(), port.number());
    open.add(socket);
    assertThat(closedAfter(socket, captured.toByteArray())).isTrue();
    assertThat(admitted).hasValue(1);
  }

  // ---- what is said first

  @Test
  void refusalsSayWhy() throws Exception {
    assertThat(dial(OURS, hello("application_2"))).contains("another application");
    assertThat(dial(OURS, new Hello(APPLICATION, Role.JOBMANAGER, "x", Epoch.NONE)))
        .contains("not for this role");
    assertThat(dial(OURS, new Hello(APPLICATION, Role.CLIENT, "x", new Epoch(9, 0))))
        .contains("newer JobManager");
    assertThat(admitted).hasValue(0);
    Eventually.holds("refusals counted", () -> port.refusals() == 3);
  }

  @Test
  void anotherVersionIsRefusedWithACode() throws Exception {
    byte[] greeting = hello(APPLICATION).greeting();
    greeting[4] = (byte) (Hello.VERSION + 1);
    SSLSocket socket = tls(OURS, "TLSv1.3");
    socket.getOutputStream().write(framed(greeting));
    byte[] answer = socket.getInputStream().readNBytes(Frames.HEADER + 1);
    assertThat(answer[Frames.HEADER]).isEqualTo((byte) (Refusal.WRONG_VERSION.ordinal() + 1));
    assertThat(closedAfter(socket, new byte[0])).isTrue();
  }

  @Test
  void whatIsNotTlsIsClosedAtOnce() throws Exception {
    var random = new byte[64 << 10];
    new Random(7).nextBytes(random);
    random[0] = 1; // no TLS record begins so
    List<byte[]> strangers =
        List.of(
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            "SSH-2.0-OpenSSH_9.6\r\n".getBytes(StandardCharsets.US_ASCII),
            new byte[] {3, 0, 0, 19, 14, (byte) 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0},
            new byte[64 << 10],
            random,
            greeting(),
            new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r', 0, 1, 'x'});
    for (byte[] said : strangers) {
      var socket = new Socket(InetAddress.getLoopbackAddress(), port.number());
      open.add(socket);
      long start = System.nanoTime();
      assertThat(closedAfter(socket, said)).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    }
    assertThat(admitted).hasValue(0);
    Eventually.holds("all counted", () -> port.refusals() == strangers.size());
  }

  @Test
  void declaredLengthsOutOfBoundsCloseTheConnection() throws Exception {
    for (int length : List.of(-1, 0, LIMITS.greetingCap() + 1, Integer.MAX_VALUE, 0x47455420)) {
      SSLSocket socket = tls(OURS, "TLSv1.3");
      byte[] frame = new byte[Frames.HEADER + 100];
      ByteBuffer.wrap(frame).putInt(length);
      long start = System.nanoTime();
      assertThat(closedAfter(socket, frame)).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
    }
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aFullFrameOfNonsenseIsRefused() throws Exception {
    SSLSocket socket = tls(OURS, "TLSv1.3");
    socket.getOutputStream().write(framed(new byte[LIMITS.greetingCap()]));
    byte[] answer = socket.getInputStream().readNBytes(Frames.HEADER + 1);
    assertThat(answer[Frames.HEADER]).isEqualTo((byte) (Refusal.MALFORMED.ordinal() + 1));
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aGreetingCutOffAnywhereLetsNobodyIn() throws Exception {
    byte[] greeting = greeting();
    for (int length = 0; length < greeting.length; length++) {
      SSLSocket socket = tls(OURS, "TLSv1.3");
      socket.getOutputStream().write(greeting, 0, length);
      socket.close();
    }
    int all = greeting.length;
    Eventually.holds("all are gone", () -> port.refusals() == all);
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aGreetingByteByByteIsAGreeting() throws Exception {
    SSLSocket socket = tls(OURS, "TLSv1.3");
    for (byte each : greeting()) {
      socket.getOutputStream().write(each);
      socket.getOutputStream().flush();
    }
    byte[] answer = socket.getInputStream().readNBytes(Frames.HEADER + 1);
    assertThat(answer[Frames.HEADER]).isZero();
    Eventually.holds("it was let in", () -> admitted.get() == 1);
  }

  @Test
  void twoFramesInOneWriteAreTwoFrames() throws Exception {
    SSLSocket socket = tls(OURS, "TLSv1.3");
    var both = new ByteArrayOutputStream();
    both.write(greeting());
    // Larger than a greeting may be: the cap must have been raised in between.
    both.write(framed(new byte[LIMITS.greetingCap() * 2]));
    socket.getOutputStream().write(both.toByteArray());
    Eventually.holds("the second frame came", () -> payloads.get() == 1);
  }

  @Test
  void noFlippedBitOfAFrameIsEverAccepted() {
    byte[] frame = framed(hello(APPLICATION).greeting());
    for (int bit = 0; bit < frame.length * 8; bit++) {
      byte[] flipped = frame.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      var channel = new EmbeddedChannel(new Frames.Decoder(LIMITS.greetingCap()));
      try {
        channel.writeInbound(Unpooled.wrappedBuffer(flipped));
      } catch (RuntimeException e) {
        assertThat(e).hasRootCauseInstanceOf(Frames.BadFrameException.class);
      }
      Object read = channel.readInbound();
      assertThat(read).as("bit " + bit).isNull();
    }
  }

  @Test
  void framesAreTheSameHoweverTheyAreSplit() {
    byte[] one = framed(new byte[] {1, 2, 3});
    byte[] two = framed(new byte[300]);
    ByteBuf both = Unpooled.wrappedBuffer(one, two);
    for (int split = 0; split <= both.readableBytes(); split++) {
      var channel = new EmbeddedChannel(new Frames.Decoder(LIMITS.greetingCap()));
      channel.writeInbound(both.copy(0, split));
      channel.writeInbound(both.copy(split, both.readableBytes() - split));
      assertThat((byte[]) channel.readInbound()).containsExactly(1, 2, 3);
      assertThat((byte[]) channel.readInbound()).hasSize(300);
      Object more = channel.readInbound();
      assertThat(more).isNull();
    }
  }

  // ---- how many, how long

  @Test
  void thoseWhoOnlySitThereHoldUpNobody() throws Exception {
    // Nobody is let go for being slow here, only for being in the way.
    var small =
        new TransportLimits(
            4, 32 << 10, Duration.ofMinutes(2), 4 << 10, 16 << 20, Duration.ofSeconds(60));
    Port narrow = openPort(OURS, small);
    for (int i = 0; i < 200; i++) {
      open.add(new Socket(InetAddress.getLoopbackAddress(), narrow.number()));
    }
    assertThat(dial(OURS, hello(APPLICATION), narrow.number())).isEqualTo("in");
    Eventually.holds("all but a few are gone", () -> narrow.refusals() == 200 - 3);
  }

  @Test
  void moreBytesThanAGreetingNeedsCloseTheConnection() throws Exception {
    // A TLS record header that announces the largest record, again and again.
    byte[] flood = new byte[40 << 10];
    for (int at = 0; at + 5 < flood.length; at += 16389) {
      flood[at] = 22;
      flood[at + 1] = 3;
      flood[at + 2] = 3;
      flood[at + 3] = 64;
    }
    var socket = new Socket(InetAddress.getLoopbackAddress(), port.number());
    open.add(socket);
    assertThat(closedAfter(socket, flood)).isTrue();
    assertThat(admitted).hasValue(0);
  }

  @Test
  void aGreetingThatNeverEndsRunsIntoTheDeadline() throws Exception {
    Port hasty = openPort(OURS, TransportLimits.DEFAULT.withGreetingTime(Duration.ofMillis(500)));
    byte[] begun = {0, 0, 0, 50, 1};
    assertThat(turnedAway(OURS, "TLSv1.3", hasty.number(), begun)).isTrue();
    assertThat(admitted).hasValue(0);
  }

  /** A port scan in a hurry: what stays of each connection until its deadline adds up. */
  @Test
  void nothingIsKeptOfConnectionsThatAreGone() throws Exception {
    EventLoopGroup own = Loops.one("scanned");
    open.add(0, () -> Loops.end(own));
    var patient = TransportLimits.DEFAULT.withGreetingTime(Duration.ofHours(1));
    Port scanned =
        Port.open(own, "localhost", 0, OURS, patient, patient.controlCap(), new Counting());
    open.add(0, scanned);
    for (int i = 0; i < 300; i++) {
      new Socket(InetAddress.getLoopbackAddress(), scanned.number()).close();
    }
    assertThat(dial(OURS, hello(APPLICATION), scanned.number())).isEqualTo("in");
    Eventually.holds("all are gone", () -> scanned.refusals() == 300);
    // The one that was let in has its idle timers.
    Eventually.holds("no deadline waits for them", () -> scheduled(own) < 10);
  }

  private static int scheduled(EventLoopGroup group) {
    try {
      Object loop = group.iterator().next();
      Field queue =
          Class.forName("io.netty.util.concurrent.AbstractScheduledEventExecutor")
              .getDeclaredField("scheduledTaskQueue");
      queue.setAccessible(true);
      var waiting = (java.util.Collection<?>) queue.get(loop);
      return waiting == null ? 0 : waiting.size();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aNameWithControlCharactersIsNoName() {
    for (String name : List.of("a\nb", "a\rb", "a\u001b[2J", "a\u0000", " ", "\u202etm")) {
      assertThatThrownBy(() -> new Hello(APPLICATION, Role.TASKMANAGER, name, Epoch.NONE))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ---- the other side

  private static Hello hello(String application) {
    return new Hello(application, Role.CLIENT, "client-1", Epoch.NONE);
  }

  private static byte[] greeting() {
    return framed(hello(APPLICATION).greeting());
  }

  private static byte[] framed(byte[] payload) {
    ByteBuf frame = Frames.frame(payload);
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    return bytes;
  }

  private String dial(ClusterIdentity identity, Hello hello) throws Exception {
    return dial(identity, hello, port.number());
  }

  /** "in", or why not. */
  private String dial(ClusterIdentity identity, Hello hello, int to) throws Exception {
    var result = new CompletableFuture<String>();
    new Dialer(loop, identity, LIMITS)
        .dial(
            "localhost",
            to,
            hello,
            Role.JOBMANAGER,
            1 << 20,
            new Dialer.Listener() {
              @Override
              public ChannelHandler connected(Hello peer, Channel channel) {
                open.add(() -> channel.close().awaitUninterruptibly());
                result.complete("in");
                return new ChannelInboundHandlerAdapter();
              }

              @Override
              public void failed(String reason, Refusal refusal) {
                result.complete(reason);
              }
            });
    return result.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** A refusal may come while the handshake still writes, or after it. */
  private boolean turnedAway(ClusterIdentity identity, String protocol, int by, byte[] said)
      throws Exception {
    SSLSocket socket = unconnectedTls(identity, protocol, by);
    try {
      socket.startHandshake();
    } catch (IOException e) {
      return true;
    }
    return closedAfter(socket, said);
  }

  private SSLSocket tls(ClusterIdentity identity, String protocol) throws Exception {
    return tls(identity, protocol, port.number());
  }

  private SSLSocket tls(ClusterIdentity identity, String protocol, int to) throws Exception {
    SSLSocket socket = unconnectedTls(identity, protocol, to);
    socket.startHandshake();
    return socket;
  }

  /** A client that trusts everybody and shows the identity's certificate, or none. */
  private SSLSocket unconnectedTls(ClusterIdentity identity, String protocol, int to)
      throws Exception {
    KeyManager[] keys = null;
    if (identity != null) {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "key", identity.key(), new char[0], new X509Certificate[] {identity.certificate()});
      var factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, new char[0]);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {new TrustAll()}, null);
    var socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), to);
    socket.setEnabledProtocols(new String[] {protocol});
    socket.setSoTimeout(PATIENCE_MILLIS);
    open.add(socket);
    return socket;
  }

  /** Whether the peer closes after these bytes, by end or by reset, without saying anything. */
  private static boolean closedAfter(Socket socket, byte[] said) throws IOException {
    socket.setSoTimeout(PATIENCE_MILLIS);
    try {
      OutputStream out = socket.getOutputStream();
      out.write(said);
      out.flush();
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[4096];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        // An alert, or nothing of interest.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * @param answered until then both sides stay connected: the answer comes after the admission
   */
  private CompletableFuture<Void> relayOne(
      ServerSocket relay, OutputStream captured, CountDownLatch answered) {
    var done = new CompletableFuture<Void>();
    daemon(
        () -> {
          try (Socket from = relay.accept();
              Socket to = new Socket(InetAddress.getLoopbackAddress(), port.number())) {
            daemon(() -> copy(to, from, OutputStream.nullOutputStream()));
            daemon(() -> copy(from, to, captured));
            done.complete(null);
            answered.await();
          } catch (IOException | InterruptedException e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private static void daemon(Runnable work) {
    var thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
  }

  private static void copy(Socket from, Socket to, OutputStream also) {
    byte[] buffer = new byte[4096];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        also.write(buffer, 0, n);
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One of them is closed.
    }
  }

  private final class Counting implements Port.Host {
    @Override
    public Hello hello() {
      return new Hello(APPLICATION, Role.JOBMANAGER, "jobmanager", new Epoch(3, 0));
    }

    @Override
    public Optional<Refusal> judge(Hello peer) {
      if (peer.role() != Role.CLIENT) {
        return Optional.of(Refusal.WRONG_ROLE);
      }
      return peer.epoch().attempt() > 3 ? Optional.of(Refusal.STALE_EPOCH) : Optional.empty();
    }

    @Override
    public ChannelHandler admit(Hello peer, Channel channel) {
      admitted.incrementAndGet();
      return new SimpleChannelInboundHandler<byte[]>() {
        @Override
        protected void channelRead0(ChannelHandlerContext context, byte[] payload) {
          payloads.incrementAndGet();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
          context.close();
        }
      };
    }
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
