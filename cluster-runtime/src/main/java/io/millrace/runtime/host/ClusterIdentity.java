package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What makes a process a member of one application: a P-256 key and its self-signed certificate.
 * All members share it, present it and accept nothing else, on either side of a connection; who
 * holds it may do everything in that application, so it travels only with the platform's
 * credentials.
 */
public final class ClusterIdentity {
  /**
   * Long enough that a clock which is a year off changes nothing; the key dies with the application
   * anyway.
   */
  private static final Duration VALIDITY = Duration.ofDays(20 * 365);

  private static final Duration CLOCK_SKEW = Duration.ofDays(2 * 365);
  private static final int FORMAT = 0x4d524b31; // "MRK1"

  private final PrivateKey key;
  private final X509Certificate certificate;

  ClusterIdentity(PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  /**
   * A new identity. Needs the library that makes certificates, so it is for clients and for
   * clusters inside one JVM; containers get theirs as bytes.
   */
  public static ClusterIdentity create(String applicationId) {
    Instant now = Instant.now();
    return CertificateMint.mint(applicationId, now.minus(CLOCK_SKEW), now.plus(VALIDITY));
  }

  /** Key and certificate; secret. */
  public byte[] toBytes() {
    var out = new DataWriter(1024);
    out.writeInt(FORMAT);
    out.writeByteArray(key.getEncoded());
    out.writeByteArray(encoded(certificate));
    return out.toByteArray();
  }

  /**
   * @throws IOException if the bytes are not those of {@link #toBytes}
   */
  public static ClusterIdentity fromBytes(byte[] bytes) throws IOException {
    try {
      var in = new DataReader(bytes);
      if (in.readInt() != FORMAT) {
        throw new IOException("these are not the bytes of a cluster identity");
      }
      PrivateKey key =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(in.readByteArray()));
      var certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(in.readByteArray()));
      return new ClusterIdentity(key, certificate);
    } catch (GeneralSecurityException | CorruptDataException e) {
      throw new IOException("the cluster identity cannot be read: " + e.getMessage(), e);
    }
  }

  PrivateKey key() {
    return key;
  }

  X509Certificate certificate() {
    return certificate;
  }

  /** SHA-256 of the certificate, in hex: may be shown to anybody. */
  public String fingerprint() {
    return HexFormat.of().formatHex(sha256(certificate));
  }

  /** For the side that accepts connections; a peer without the certificate gets nowhere. */
  Tls serverTls() {
    return Tls.ofServer(new OwnKey(key, certificate), new Pin(certificate));
  }

  /** The pin says more than a name could, and containers have no names to be certified. */
  Tls clientTls() {
    return Tls.ofClient(new OwnKey(key, certificate), new Pin(certificate));
  }

  private static byte[] sha256(X509Certificate certificate) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(encoded(certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateException e) {
      throw new IllegalStateException("a certificate without an encoding", e);
    }
  }

  @Override
  public String toString() {
    return "identity " + fingerprint().substring(0, 12);
  }

  /**
   * Accepts one certificate, while it is valid. That the peer holds its key is proven by the
   * handshake. The extended kind, because the JDK adds checks of names to the plain one.
   */
  private static final class Pin extends X509ExtendedTrustManager {
    private final byte[] wanted;

    Pin(X509Certificate wanted) {
      this.wanted = sha256(wanted);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      if (chain == null || chain.length != 1) {
        throw new CertificateException("expected exactly one certificate");
      }
      chain[0].checkValidity();
      if (!MessageDigest.isEqual(wanted, sha256(chain[0]))) {
        throw new CertificateException("the peer belongs to another application");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
