package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Contact;
import io.millrace.runtime.host.ScriptedJobManager;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.standalone.KeyFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A JobManager that is paused, before or after it has heard a command, and nobody succeeds it. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT) // they wait most of the time
class PausedJobManagerTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final String SILENT = "no answer from the JobManager within 5 s: ";

  @TempDir Path folder;
  private Path conf;
  private ClusterIdentity identity;

  @BeforeEach
  void configure() throws IOException {
    conf = Files.createDirectory(folder.resolve("conf"));
    Files.writeString(
        conf.resolve("config.yaml"),
        """
        high-availability.storageDir: %s
        client.timeout: 2 s
        """
            .formatted(folder.resolve("state").toUri()));
    var key = new KeyFile(conf.resolve("cluster.key"));
    key.create("default");
    identity = key.read();
  }

  /** The first connection of a JVM may take longer than commands wait. */
  @BeforeAll
  static void warmUp() throws Exception {
    ClusterIdentity identity = ClusterIdentity.create("warm-up");
    try (var jobManager =
            new ScriptedJobManager(
                identity,
                "warm-up",
                1,
                request -> new ClientAnswer.Jobs(request.number(), List.of()));
        var contact =
            new Contact(
                identity,
                "warm-up",
                Duration.ofSeconds(60),
                () ->
                    new Situation(Situation.State.RUNNING, "", Situation.Outcome.UNDEFINED, ""))) {
      contact.isAt("localhost", jobManager.port());
      assertThat(contact.client().listJobs()).isEmpty();
    }
  }

  private Terminal run(Function<ClientRequest, ClientAnswer> script, String... words)
      throws IOException {
    try (var paused = new ScriptedJobManager(identity, "standalone-default", 1, script)) {
      return run(paused.port(), words);
    }
  }

  private Terminal run(int port, String... words) throws IOException {
    var epoch = new Epoch(1, 0);
    Path facts = folder.resolve("state/default/docket/epochs").resolve(epoch.label());
    Files.write(
        Files.createDirectories(facts).resolve("address"),
        Facts.encode(new ControlAddress(epoch, "localhost", port)));
    return Terminal.run(Map.of("MILLRACE_CONF_DIR", conf.toString()), words);
  }

  private static ClientAnswer details(long number) {
    return new JobDetails(
        number,
        new JobSummary(JOB, "job", JobStatus.RUNNING, 1_000, -1),
        List.of(),
        0,
        0,
        Optional.empty(),
        Optional.empty());
  }

  private static ClientAnswer knowsTheJob(ClientRequest request) {
    return request instanceof ClientRequest.GetJob ? details(request.number()) : null;
  }

  private static void failed(Terminal terminal, String... parts) {
    assertThat(terminal.exitCode()).as(terminal.toString()).isEqualTo(1);
    assertThat(terminal.err()).contains(parts);
  }

  @Test
  void listSaysThatItDoesNotAnswer() throws Exception {
    failed(run(ScriptedJobManager.SILENCE, "list"), "does not answer", SILENT);
  }

  @Test
  void listSaysThatItDoesNotGreetBack() throws Exception {
    try (var paused = new ServerSocket(0, 8, InetAddress.getByName("localhost"))) {
      int port = paused.getLocalPort();
      failed(run(port, "list"), SILENT + "localhost:" + port + " has not greeted back");
    }
  }

  @Test
  void cancelSaysThatItDoesNotAnswer() throws Exception {
    failed(
        run(ScriptedJobManager.SILENCE, "cancel", JOB.hex()),
        SILENT,
        "whether job " + JOB + " is cancelled is not known");
  }

  @Test
  void savepointAndStopSayThatItDoesNotAnswer() throws Exception {
    for (String command : List.of("savepoint", "stop")) {
      failed(
          run(ScriptedJobManager.SILENCE, command, JOB.hex()),
          SILENT,
          "has the job " + JOB + " is not known");
    }
  }

  /** One that answers, and has nothing to cancel. */
  @Test
  void cancelSaysHowTheJobHasEndedBefore() throws Exception {
    failed(
        run(
            request -> new ClientAnswer.Refused(request.number(), "it has ended: FINISHED"),
            "cancel",
            JOB.hex()),
        "refuses: it has ended: FINISHED");
  }

  @Test
  void cancelEndsIfItIsPausedAfterItHasHeard() throws Exception {
    Terminal terminal =
        run(
            request ->
                request instanceof ClientRequest.Cancel
                    ? new ClientAnswer.Accepted(request.number())
                    : null,
            "cancel",
            JOB.hex());
    failed(
        terminal,
        "job "
            + JOB
            + " was told to cancel, but the JobManager of the cluster default has not"
            + " answered for 2 s (client.timeout)",
        SILENT);
  }

  @Test
  void savepointEndsIfItIsPausedMeanwhile() throws Exception {
    failed(
        run(PausedJobManagerTest::knowsTheJob, "savepoint", JOB.hex(), folder.toUri().toString()),
        "is not complete after 2 s (client.timeout): " + SILENT);
  }

  @Test
  void stopEndsIfItIsPausedAfterTheSavepoint() throws Exception {
    var complete = new boolean[1];
    Terminal terminal =
        run(
            request -> {
              if (request instanceof ClientRequest.Savepoint) {
                complete[0] = true;
                return new ClientAnswer.Savepoint(
                    request.number(), Optional.of("file:/savepoint"), Optional.empty());
              }
              return complete[0] ? null : knowsTheJob(request);
            },
            "stop",
            JOB.hex());
    failed(
        terminal,
        "the savepoint file:/savepoint is complete, but the JobManager of the cluster default has"
            + " not answered for 2 s",
        SILENT);
  }
}
