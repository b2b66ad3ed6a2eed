package io.millrace.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.type.DataReader;
import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.protocol.JobStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Who does not hold an application's key sees nothing of it and gets nowhere with its processes.
 */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class SecretsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** The time in which a stranger must have said who he is, and some more. */
  private static final int DEADLINE_MILLIS = 13_000;

  private static final int CLOSED_AT_ONCE_MILLIS = 2_000;

  private final Cluster cluster;

  SecretsIT(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void theKeyIsNowhereToBeSeenAndPortsLetNobodyIn() throws Exception {
    try (SequenceJob job =
        SequenceJob.start(
            cluster,
            "/secrets/out",
            Program.sequenceCount("/secrets/out").with("--rate", "500", "--parallelism", "2"))) {
      job.awaitRunning();
      job.awaitTwoCheckpointsAndAFile();
      Identity identity = Identity.read(clientKey(job));

      assertKeyIsHidden(job, identity);
      List<InetSocketAddress> ports = ports(job);
      // All at once, because each waits for the time in which strangers must have said hello.
      ports.parallelStream().forEach(port -> assertLetsNobodyIn(port, identity));

      assertThat(job.command().isRunning()).isTrue();
      assertThat(job.details().orElseThrow().restarts()).isZero();
      job.awaitTwoCheckpointsAndAFile();
      assertInterruptLeavesTheJobRunning(job);
    }
  }

  private void assertInterruptLeavesTheJobRunning(SequenceJob job) throws Exception {
    job.command().interrupt();

    Outcome left = job.command().finish(PATIENCE);
    assertThat(left.exitCode()).as(left.toString()).isEqualTo(130);
    String cancel = "millrace cancel -yid " + job.applicationId() + " " + job.jobId();
    assertThat(left.stderr().lines()).last().isEqualTo("The job runs on. To cancel it: " + cancel);
    assertThat(job.details().orElseThrow().summary().status()).isEqualTo(JobStatus.RUNNING);
    long checkpoint = job.durable().newestCheckpoint();
    Await.until(
        "a checkpoint after the interrupt",
        PATIENCE,
        () -> job.durable().newestCheckpoint() > checkpoint);
    List<String> words = List.of(cancel.split(" "));
    try (ClientCommand command =
        cluster.millrace(words.subList(1, words.size()).toArray(String[]::new))) {
      Outcome cancelled = command.finish(PATIENCE);
      assertThat(cancelled.exitCode()).as(cancelled.toString()).isZero();
    }
    job.assertCancelled(2);
  }

  // ---- the key

  private byte[] clientKey(SequenceJob job) throws Exception {
    String staging = Leftovers.staging(cluster, job.applicationId());
    var files = cluster.hdfs().fileSystem();
    var folder = new org.apache.hadoop.fs.Path(staging);
    var key = new org.apache.hadoop.fs.Path(staging, "client-key");
    assertThat(files.getFileStatus(folder).getPermission())
        .isEqualTo(new FsPermission((short) 0700));
    assertThat(files.getFileStatus(folder.getParent()).getPermission())
        .isEqualTo(new FsPermission((short) 0700));
    assertThat(files.getFileStatus(key).getPermission()).isEqualTo(new FsPermission((short) 0600));
    try (FSDataInputStream in = files.open(key)) {
      return in.readAllBytes();
    }
  }

  /** Everything that somebody else on the machine, or a reader of logs, may look at. */
  private void assertKeyIsHidden(SequenceJob job, Identity identity) throws Exception {
    List<String> secrets = identity.spellings();
    var looked = new TreeSet<String>();
    for (ContainerProcess process : cluster.processes(job.applicationId())) {
      for (String file : List.of("cmdline", "environ")) {
        assertHidden(Path.of("/proc/" + process.pid(), file), secrets);
        looked.add(file);
      }
    }
    try (Stream<Path> files = Files.walk(cluster.directory())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        boolean blocks = file.startsWith(cluster.directory().resolve("data"));
        boolean tokens = name.contains("token");
        boolean jar = name.endsWith(".jar");
        if (!blocks && !tokens && !jar) {
          assertHidden(file, secrets);
          looked.add(name);
        }
      }
    }
    assertThat(looked)
        .contains(
            "cmdline",
            "environ",
            "launch_container.sh",
            "jobmanager.log",
            "taskmanager.log",
            "stdout",
            "stderr");
    for (String path : cluster.hdfs().allFiles("/")) {
      if (!path.endsWith("/client-key") && !path.contains("/jars/")) {
        try (FSDataInputStream in =
            cluster.hdfs().fileSystem().open(new org.apache.hadoop.fs.Path(path))) {
          assertHidden(path, in.readAllBytes(), secrets);
        } catch (java.io.FileNotFoundException e) {
          continue; // a pending file that was published
        }
      }
    }
  }

  private static void assertHidden(Path file, List<String> secrets) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      return; // gone meanwhile
    }
    assertHidden(file.toString(), bytes, secrets);
  }

  private static void assertHidden(String where, byte[] bytes, List<String> secrets) {
    String text = new String(bytes, ISO_8859_1);
    for (String secret : secrets) {
      // Not the text itself: a failure must not print the key.
      assertThat(text.contains(secret)).as("the key in " + where).isFalse();
    }
  }

  /** A key and its certificate, in the ways that they can be written down. */
  private record Identity(byte[] whole, byte[] pkcs8, Certificate certificate) {
    static Identity read(byte[] whole) throws Exception {
      var in = new DataReader(whole);
      in.readInt();
      byte[] pkcs8 = in.readByteArray();
      byte[] certificate = in.readByteArray();
      return new Identity(
          whole,
          pkcs8,
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate)));
    }

    PrivateKey key() throws Exception {
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    List<String> spellings() throws Exception {
      var spellings = new ArrayList<String>();
      byte[] number = ((ECPrivateKey) key()).getS().toByteArray();
      spellings.add(((ECPrivateKey) key()).getS().toString());
      for (byte[] secret : List.of(whole, pkcs8, number)) {
        spellings.add(new String(secret, ISO_8859_1));
        spellings.add(HexFormat.of().formatHex(secret));
        spellings.add(HexFormat.of().withUpperCase().formatHex(secret));
        spellings.add(Base64.getEncoder().withoutPadding().encodeToString(secret));
        spellings.add(Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
      }
      return spellings;
    }

    SSLContext context() throws Exception {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("key", key(), new char[0], new Certificate[] {certificate});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          keys.getKeyManagers(), new TrustManager[] {new TrustsEverybody()}, new SecureRandom());
      return context;
    }
  }

  // ---- ports

  /** The control port, and what the TaskManagers' processes listen on. */
  private List<InetSocketAddress> ports(SequenceJob job) throws Exception {
    ApplicationReport report = cluster.report(job.applicationId());
    var ports = new ArrayList<InetSocketAddress>();
    ports.add(new InetSocketAddress(report.getHost(), report.getRpcPort()));
    List<ContainerProcess> taskManagers =
        cluster.javaProcesses(job.applicationId(), "YarnTaskManager");
    assertThat(taskManagers).hasSize(2);
    for (ContainerProcess process : taskManagers) {
      List<Integer> listening = ListeningPorts.of(process.pid());
      assertThat(listening).hasSize(1);
      ports.add(new InetSocketAddress(report.getHost(), listening.get(0)));
    }
    return ports;
  }

  private static void assertLetsNobodyIn(InetSocketAddress port, Identity own) {
    try {
      tryEverything(port, own);
    } catch (Exception e) {
      throw new IllegalStateException("cannot try the port " + port, e);
    }
  }

  private static void tryEverything(InetSocketAddress port, Identity own) throws Exception {
    byte[] noise = new byte[65_536];
    new SplittableRandom(1).nextBytes(noise);
    for (byte[] garbage :
        List.of(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1),
            "SSH-2.0-OpenSSH_9.6\r\n".getBytes(ISO_8859_1),
            new byte[65_536],
            noise,
            new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r'})) {
      assertClosed(port, garbage, CLOSED_AT_ONCE_MILLIS);
    }
    // The beginning of a TLS record that promises more than it holds.
    assertClosed(port, new byte[] {22, 3, 1, 0x3f, 0}, DEADLINE_MILLIS);

    Identity foreign = Identity.read(ClusterIdentity.create("application_1_0001").toBytes());
    assertThat(letsIn(port, foreign.context(), "TLSv1.3")).isFalse();
    assertThat(letsIn(port, withoutCertificate(), "TLSv1.3")).isFalse();
    assertThat(letsIn(port, own.context(), "TLSv1.2")).isFalse();
    // So that the three above say something.
    assertThat(letsIn(port, own.context(), "TLSv1.3")).isTrue();
  }

  private static void assertClosed(InetSocketAddress port, byte[] sent, int deadlineMillis)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(port, 5_000);
      socket.setSoTimeout(deadlineMillis);
      try {
        socket.getOutputStream().write(sent);
        socket.getOutputStream().flush();
      } catch (IOException e) {
        return; // it did not even listen to the end
      }
      // At most an alert of TLS comes back.
      assertThat(read(socket.getInputStream())).isLessThan(64);
    }
  }

  /** How many bytes come before the other side closes. */
  private static int read(InputStream in) throws IOException {
    int total = 0;
    try {
      while (in.read() >= 0) {
        total++;
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the port did not close the connection", e);
    } catch (java.net.SocketException e) {
      return total; // reset, which is an end as well
    }
    return total;
  }

  /** Whether the other side still waits for more after the handshake. */
  private static boolean letsIn(InetSocketAddress port, SSLContext context, String protocol)
      throws Exception {
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
      socket.connect(port, 5_000);
      socket.setSoTimeout(CLOSED_AT_ONCE_MILLIS);
      socket.setEnabledProtocols(new String[] {protocol});
      try {
        socket.startHandshake();
        // With TLS 1.3 the other side judges our certificate after our part is done.
        return socket.getInputStream().read() >= 0;
      } catch (java.net.SocketTimeoutException e) {
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }

  private static SSLContext withoutCertificate() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustsEverybody()}, new SecureRandom());
    return context;
  }

  private static final class TrustsEverybody implements X509TrustManager {
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
