package io.millrace.runtime.host;

import io.netty.handler.ssl.SslHandler;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * TLS 1.3 of one port or one dialer, by the JDK's own engine.
 *
 * <p>Not by Netty's SslContext: before the first one it tries a key store and the JDK's store of
 * authorities, which derives keys from passwords and reads a hundred certificates. Nobody here
 * needs either, and every process would pay for it at its start, a quarter of a second of CPU.
 */
final class Tls {
  private static final String[] VERSIONS = {"TLSv1.3"};
  private static final String[] SUITES = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

  private final SSLContext context;
  private final boolean client;

  private Tls(SSLContext context, boolean client) {
    this.context = context;
    this.client = client;
  }

  /** For the side that accepts connections; a peer that the trust manager refuses gets nowhere. */
  static Tls ofServer(X509ExtendedKeyManager key, TrustManager trust) {
    SSLContext context = context(key, trust);
    // Every connection proves the key anew; nothing is kept of earlier ones.
    context.getServerSessionContext().setSessionCacheSize(1);
    context.getServerSessionContext().setSessionTimeout(1);
    return new Tls(context, false);
  }

  /** For the side that connects. Names are not looked at: that is left to the trust manager. */
  static Tls ofClient(X509ExtendedKeyManager key, TrustManager trust) {
    return new Tls(context(key, trust), true);
  }

  private static SSLContext context(X509ExtendedKeyManager key, TrustManager trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new X509ExtendedKeyManager[] {key}, new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS 1.3 cannot be set up in this JVM: " + e.getMessage(), e);
    }
  }

  /** For one connection. */
  SslHandler newHandler() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    engine.setEnabledProtocols(VERSIONS);
    engine.setEnabledCipherSuites(SUITES);
    if (!client) {
      engine.setNeedClientAuth(true);
    }
    return new SslHandler(engine);
  }
}
