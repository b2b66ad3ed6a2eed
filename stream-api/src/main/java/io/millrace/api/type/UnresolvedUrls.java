package io.millrace.api.type;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * URLs that never look up a host: those that the JVM makes do so when they are compared, which
 * whatever puts one into a set does.
 */
final class UnresolvedUrls extends URLStreamHandler {
  private static final Map<String, Integer> PORTS =
      Map.of("http", 80, "https", 443, "ftp", 21, "file", -1);

  private final int port;

  private UnresolvedUrls(int port) {
    this.port = port;
  }

  static String written(URL url) {
    if (!PORTS.containsKey(url.getProtocol())) {
      throw new NoSerializerException(
          "java.net.URL",
          "",
          "its protocol is " + url.getProtocol() + ", not http, https, ftp or file",
          "use a java.net.URI");
    }
    return url.toExternalForm();
  }

  static URL of(String text) throws MalformedURLException {
    int colon = text.indexOf(':');
    Integer port = colon < 0 ? null : PORTS.get(text.substring(0, colon).toLowerCase(Locale.ROOT));
    if (port == null) {
      throw new CorruptDataException("a URL of another protocol");
    }
    return new URL(null, text, new UnresolvedUrls(port));
  }

  /** As if it was made by its name now. */
  @Override
  protected URLConnection openConnection(URL url) throws IOException {
    return new URL(url.toExternalForm()).openConnection();
  }

  @Override
  protected int getDefaultPort() {
    return port;
  }

  @Override
  protected int hashCode(URL url) {
    return Objects.hash(url.getProtocol(), host(url), url.getFile(), url.getRef());
  }

  @Override
  protected boolean hostsEqual(URL one, URL other) {
    return host(one).equals(host(other));
  }

  private static String host(URL url) {
    return url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
  }
}
