package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.protocol.ClientAnswer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A JobManager that is paused, and succeeded by another one. */
class ContactTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);

  /** Less than a silent line is kept. */
  private static final Duration DEADLINE = Duration.ofSeconds(50);

  private final Contact contact = new Contact(IDENTITY, APPLICATION, DEADLINE);

  @AfterEach
  void close() {
    contact.close();
  }

  private static ScriptedJobManager answering() throws IOException {
    return new ScriptedJobManager(
        IDENTITY, APPLICATION, 2, request -> new ClientAnswer.Jobs(request.number(), List.of()));
  }

  private CompletableFuture<List<ClientAnswer.JobSummary>> asking() {
    ClusterClient client = contact.client();
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return client.listJobs();
          } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
          }
        });
  }

  @Test
  void aQuestionToOneThatIsPausedIsAnsweredByItsSuccessor() throws Exception {
    try (var paused = new ScriptedJobManager(IDENTITY, APPLICATION, 1, ScriptedJobManager.SILENCE);
        var next = answering()) {
      contact.isAt("localhost", paused.port());
      var jobs = asking();
      Eventually.holds("the paused one is asked", () -> !paused.heard().isEmpty());

      contact.isAt("localhost", next.port());
      assertThat(jobs.join()).isEmpty();
      int before = paused.heard().size();
      assertThat(contact.client().listJobs()).isEmpty();
      assertThat(paused.heard()).hasSize(before);
    }
  }

  @Test
  void aLineToWhereItStillIsStays() throws Exception {
    try (var next = answering()) {
      contact.isAt("localhost", next.port());
      ClusterClient client = contact.client();
      assertThat(client.listJobs()).isEmpty();
      contact.isAt("localhost", next.port());
      assertThat(client.listJobs()).isEmpty();
      assertThat(next.heard()).doesNotHaveDuplicates();
    }
  }
}
