package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.ClientAnswer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A JobManager that is paused, or dies, and is succeeded by another one. */
class ContactTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);

  /** Less than a silent line is kept. */
  private static final Duration DEADLINE = Duration.ofSeconds(50);

  /** What whoever knows says, on its own, of where the JobManager is. */
  private volatile OptionalInt known = OptionalInt.empty();

  private volatile boolean ended;
  private final AtomicInteger looks = new AtomicInteger();
  private final Contact contact = new Contact(IDENTITY, APPLICATION, DEADLINE, this::look);

  private Situation look() {
    looks.incrementAndGet();
    known.ifPresent(port -> contact.isAt("localhost", port));
    return new Situation(
        ended ? State.FINISHED : State.RUNNING, "", Situation.Outcome.UNDEFINED, "");
  }

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
  void aQuestionToOneThatHasDiedIsAnsweredByItsSuccessor() throws Exception {
    var dead = new ScriptedJobManager(IDENTITY, APPLICATION, 1, ScriptedJobManager.SILENCE);
    try (var next = answering()) {
      contact.isAt("localhost", dead.port());
      known = OptionalInt.of(dead.port());
      var jobs = asking();
      Eventually.holds("the first one is asked", () -> !dead.heard().isEmpty());

      dead.close();
      int before = looks.get();
      Eventually.holds("it is looked for", () -> looks.get() > before + 1);
      known = OptionalInt.of(next.port());
      assertThat(jobs.join()).isEmpty();
    } finally {
      dead.close();
    }
  }

  @Test
  void aQuestionEndsWithTheCluster() throws Exception {
    var dead = new ScriptedJobManager(IDENTITY, APPLICATION, 1, ScriptedJobManager.SILENCE);
    contact.isAt("localhost", dead.port());
    dead.close();
    ended = true;
    assertThatThrownBy(() -> contact.client().listJobs()).hasMessageContaining("has ended");
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
