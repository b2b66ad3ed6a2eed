package io.millrace.api.socket;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.socket.SocketTextSource.Connection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what stands between delimiters from one connection; waits at most a tenth of a second at a
 * time.
 */
final class SocketTextReader implements SourceReader<String, Connection> {
  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int READ_TIMEOUT_MILLIS = 100;
  private static final int MAX_LINE_BYTES = 16 << 20;

  private static final int RETRY_MILLIS = 500;

  private final byte[] delimiter;

  /** Connections that may still be made, the present one counted; less than 0 for no limit. */
  private long connectionsLeft;

  /** The server has closed, and the next connection is made at {@link #retryMillis}. */
  private boolean awaitsRetry;

  private long retryMillis;

  private Connection connection;
  private Socket socket;

  private final byte[] buffer = new byte[8192];
  private int position;
  private int filled;

  /** What has come since the last delimiter. */
  private byte[] line = new byte[256];

  private int length;

  /**
   * @param delimiter not empty
   * @param maxRetry connections at most, 0 is like 1; -1: without end
   */
  SocketTextReader(String delimiter, long maxRetry) {
    this.connectionsLeft = maxRetry == 0 ? 1 : maxRetry;
    this.delimiter = delimiter.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void add(Connection split) throws IOException {
    connection = split;
    connect();
  }

  private void connect() throws IOException {
    socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(connection.host(), connection.port()), CONNECT_TIMEOUT_MILLIS);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "no connection to "
              + connection
              + ": "
              + e.getMessage()
              + "; is a server listening there?",
          e);
    }
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
  }

  @Override
  public Progress poll(ReaderOutput<String> output, int limit, ReadClock clock) throws IOException {
    if (connection == null) {
      return Progress.NEED_SPLIT;
    }
    if (awaitsRetry) {
      if (clock.monotonicMillis() < retryMillis) {
        return Progress.WAITING;
      }
      awaitsRetry = false;
      connect();
    }
    int emitted = 0;
    while (emitted < limit) {
      if (position == filled && !fill(clock)) {
        return connection == null ? end(output) : Progress.WAITING;
      }
      if (takeLine()) {
        output.collect(completeLine());
        emitted++;
        if (position == filled) {
          break; // reading on might wait, and the line is there
        }
      }
    }
    return Progress.MORE;
  }

  @Override
  public long nextPollMillis(ReadClock clock) {
    return awaitsRetry ? retryMillis : clock.monotonicMillis(); // the read itself has waited
  }

  @Override
  public List<Connection> snapshot() {
    return connection == null ? List.of() : List.of(connection);
  }

  @Override
  public void close() throws IOException {
    if (socket != null) {
      socket.close();
    }
  }

  /** False if nothing came in time, or nothing will come any more. */
  private boolean fill(ReadClock clock) throws IOException {
    try {
      filled = Math.max(0, socket.getInputStream().read(buffer));
    } catch (SocketTimeoutException e) {
      filled = 0;
      position = 0;
      return false;
    }
    position = 0;
    if (filled == 0) {
      connectionsLeft -= connectionsLeft > 0 ? 1 : 0;
      awaitsRetry = connectionsLeft != 0;
      if (awaitsRetry) {
        socket.close();
        retryMillis = clock.monotonicMillis() + RETRY_MILLIS;
      } else {
        connection = null;
      }
    }
    return filled > 0;
  }

  /** Whether the end of a line was found; else all bytes are taken. */
  private boolean takeLine() throws IOException {
    byte last = delimiter[delimiter.length - 1];
    int start = position;
    while (position < filled) {
      if (buffer[position++] == last) {
        append(start);
        start = position;
        if (endsWithDelimiter()) {
          length -= delimiter.length;
          return true;
        }
      }
    }
    append(start);
    return false;
  }

  private void append(int start) throws IOException {
    int more = position - start;
    if (length + more > MAX_LINE_BYTES + delimiter.length) {
      throw new IOException(
          "a line from " + connection + " is longer than " + MAX_LINE_BYTES + " bytes");
    }
    if (length + more > line.length) {
      line = Arrays.copyOf(line, 2 * (length + more));
    }
    System.arraycopy(buffer, start, line, length, more);
    length += more;
  }

  private boolean endsWithDelimiter() {
    int from = length - delimiter.length;
    return from >= 0 && Arrays.equals(line, from, length, delimiter, 0, delimiter.length);
  }

  private String completeLine() {
    String text = new String(line, 0, length, StandardCharsets.UTF_8);
    length = 0;
    boolean lines = delimiter.length == 1 && delimiter[0] == '\n';
    return lines && text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private Progress end(ReaderOutput<String> output) throws IOException {
    close();
    if (length > 0) {
      output.collect(completeLine());
    }
    return Progress.NEED_SPLIT;
  }
}
