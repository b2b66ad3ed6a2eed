package io.millrace.api.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceReader.Progress;
import io.millrace.api.connector.SourceReader.ReadClock;
import io.millrace.api.socket.SocketTextSource.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SocketTextSourceTest {
  private static final ClassLoader LOADER = SocketTextSourceTest.class.getClassLoader();

  private final List<String> lines = new ArrayList<>();
  private final ReaderOutput<String> output =
      new ReaderOutput<>() {
        @Override
        public void collect(String value) {
          lines.add(value);
        }

        @Override
        public void collect(String value, long timestamp) {
          lines.add(value);
        }

        @Override
        public void emitWatermark(long watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public ReaderOutput<String> createOutputForSplit(String splitId) {
          return this;
        }

        @Override
        public void releaseOutputForSplit(String splitId) {}
      };

  @Test
  void readsLinesUntilTheServerCloses() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var source = new SocketTextSource("localhost", server.getLocalPort());
      var enumerator =
          source.enumerator(new Source.EnumeratorContext("uid", 1, LOADER), Optional.empty());
      SourceReader<String, Connection> reader =
          source.reader(new Source.ReaderContext("uid", 0, 1, LOADER));
      assertThat(poll(reader)).isEqualTo(Progress.NEED_SPLIT);
      Connection split = enumerator.next(0).orElseThrow();
      assertThat(enumerator.finishedFor(0)).isTrue();
      reader.add(split);
      try (Socket client = server.accept()) {
        send(client, "ein\r\nzw");
        awaitLines(reader, 1);
        assertThat(poll(reader)).isEqualTo(Progress.WAITING);
        assertThat(reader.snapshot()).containsExactly(split);
        send(client, "ölf\n\nlast");
        awaitLines(reader, 3);
      }
      while (poll(reader) != Progress.NEED_SPLIT) {
        assertThat(reader.snapshot()).isNotEmpty();
      }
      reader.close();

      assertThat(lines).containsExactly("ein", "zwölf", "", "last");
      assertThat(reader.snapshot()).isEmpty();
      assertThat(
              source
                  .enumerator(
                      new Source.EnumeratorContext("uid", 1, LOADER),
                      Optional.of(enumerator.snapshot()))
                  .next(0))
          .isEmpty();
    }
  }

  @Test
  void aDelimiterMayBeAnyTextAndComeInParts() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var source = new SocketTextSource("localhost", server.getLocalPort(), "ö--");
      var reader = source.reader(new Source.ReaderContext("uid", 0, 1, LOADER));
      reader.add(new Connection("localhost", server.getLocalPort()));
      try (Socket client = server.accept()) {
        send(client, "a-b--c\r\nö");
        assertThat(poll(reader)).isNotEqualTo(Progress.NEED_SPLIT);
        send(client, "-");
        poll(reader);
        send(client, "-ö---ö--" + "x".repeat(20_000) + "ö--end\r");
      }
      while (poll(reader) != Progress.NEED_SPLIT) {
        assertThat(reader.snapshot()).isNotEmpty();
      }
      reader.close();
    }
    assertThat(lines).containsExactly("a-b--c\r\n", "", "-", "x".repeat(20_000), "end\r");
    assertThatThrownBy(() -> new SocketTextSource("h", 1, "")).hasMessageContaining("delimiter");
  }

  /** Half a line goes on in the next connection; the second close is the last. */
  @Test
  void connectsAnewAsOftenAsItMay() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var source = new SocketTextSource("localhost", server.getLocalPort(), "\n", 2);
      var reader = source.reader(new Source.ReaderContext("uid", 0, 1, LOADER));
      reader.add(new Connection("localhost", server.getLocalPort()));
      try (Socket client = server.accept()) {
        send(client, "one\ntw");
      }
      while (reader.nextPollMillis(new ReadClock(0, 0)) == 0) {
        assertThat(poll(reader)).isNotEqualTo(Progress.NEED_SPLIT);
      }
      assertThat(reader.nextPollMillis(new ReadClock(0, 0))).isEqualTo(500);
      assertThat(reader.poll(output, 100, new ReadClock(499, 499))).isEqualTo(Progress.WAITING);
      assertThat(reader.snapshot()).hasSize(1);
      reader.poll(output, 100, new ReadClock(500, 500));
      try (Socket client = server.accept()) {
        send(client, "o\nthree");
      }
      while (reader.poll(output, 100, new ReadClock(500, 500)) != Progress.NEED_SPLIT) {
        assertThat(reader.snapshot()).isNotEmpty();
      }
      reader.close();
    }
    assertThat(lines).containsExactly("one", "two", "three");
    assertThatThrownBy(() -> new SocketTextSource("h", 1, "\n", -2)).hasMessageContaining("-2");
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    int port;
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
    }
    var reader =
        new SocketTextSource("localhost", port)
            .reader(new Source.ReaderContext("uid", 0, 1, LOADER));

    assertThatThrownBy(() -> reader.add(new Connection("localhost", port)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("localhost:" + port);
    assertThatThrownBy(() -> new SocketTextSource("h", 0)).hasMessageContaining("1 to 65535");
    assertThatThrownBy(() -> new SocketTextSource(" ", 1)).hasMessageContaining("host");
  }

  private Progress poll(SourceReader<String, Connection> reader) throws Exception {
    return reader.poll(output, 100, new ReadClock(0, 0));
  }

  private void awaitLines(SourceReader<String, Connection> reader, int count) throws Exception {
    while (lines.size() < count) {
      poll(reader);
    }
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    client.getOutputStream().flush();
  }
}
