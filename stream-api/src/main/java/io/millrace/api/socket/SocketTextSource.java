package io.millrace.api.socket;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import java.io.Serializable;
import java.util.Optional;

/**
 * Lines of UTF-8 text, ended by LF or CRLF or by a delimiter of one's own, from a server. At most
 * once: what was sent while the job was failing is lost, as a socket cannot be read again. A
 * connection that is refused or breaks fails the job's attempt; the restart strategy decides when
 * to connect anew. The stream ends when the server closes it.
 */
public final class SocketTextSource implements Source<String, SocketTextSource.Connection> {
  private final Connection connection;
  private final String delimiter;
  private final long maxRetry;

  /**
   * Lines that end with LF or CRLF.
   *
   * @param port 1 to 65535
   */
  public SocketTextSource(String host, int port) {
    this(host, port, "\n");
  }

  /**
   * @param port 1 to 65535
   * @param delimiter at least one character; if it is LF, a CR in front of it belongs to it
   */
  public SocketTextSource(String host, int port, String delimiter) {
    this(host, port, delimiter, 0);
  }

  /**
   * Like {@link #SocketTextSource(String, int, String)}, but connects anew, half a second later,
   * when the server has closed the connection; a connection that is refused fails the attempt then
   * too. What stands behind the last delimiter goes on with what the next connection brings.
   *
   * @param maxRetry the connections there are at most, 0 is like 1; -1: without end
   */
  public SocketTextSource(String host, int port, String delimiter, long maxRetry) {
    if (maxRetry < -1) {
      throw new IllegalArgumentException(
          "the connections to a socket must be -1 (without end) or more, found " + maxRetry);
    }
    if (delimiter == null || delimiter.isEmpty()) {
      throw new IllegalArgumentException("the delimiter of a socket's lines must not be empty");
    }
    if (host == null || host.isBlank()) {
      throw new IllegalArgumentException("the host of a socket must not be blank");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("the port of a socket must be 1 to 65535, found " + port);
    }
    connection = new Connection(host, port);
    this.delimiter = delimiter;
    this.maxRetry = maxRetry;
  }

  /** The only split. */
  public record Connection(String host, int port) implements Serializable {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  @Override
  public boolean bounded() {
    return false;
  }

  @Override
  public Class<Connection> splitType() {
    return Connection.class;
  }

  @Override
  public boolean blocking() {
    return true;
  }

  @Override
  public SplitEnumerator<Connection> enumerator(
      EnumeratorContext context, Optional<byte[]> restored) {
    boolean given = restored.isPresent() && restored.get()[0] == 1;
    return new OneConnection(connection, given);
  }

  @Override
  public SourceReader<String, Connection> reader(ReaderContext context) {
    return new SocketTextReader(delimiter, maxRetry);
  }

  private static final class OneConnection implements SplitEnumerator<Connection> {
    private final Connection connection;
    private boolean given;

    OneConnection(Connection connection, boolean given) {
      this.connection = connection;
      this.given = given;
    }

    @Override
    public Optional<Connection> next(int reader) {
      if (given) {
        return Optional.empty();
      }
      given = true;
      return Optional.of(connection);
    }

    @Override
    public boolean finishedFor(int reader) {
      return given;
    }

    @Override
    public byte[] snapshot() {
      return new byte[] {(byte) (given ? 1 : 0)};
    }
  }
}
