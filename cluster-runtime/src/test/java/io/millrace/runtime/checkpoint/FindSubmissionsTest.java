package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What can be read of a cluster's jobs by somebody who does not command it. */
class FindSubmissionsTest {
  private static final Epoch FIRST = new Epoch(1, 1);
  private static final Epoch SECOND = new Epoch(2, 1);

  private final MemoryNames names = new MemoryNames();

  @Test
  void findsAllJobsOfAllEpochsInOrder() {
    assertThat(found()).isEmpty();
    claim(FIRST);
    note(FIRST, 1, spec("a"));
    note(FIRST, 2, spec("b"));
    assertThat(found()).containsExactly(spec("a"), spec("b"));

    claim(SECOND);
    note(SECOND, 3, spec("c"));
    assertThat(found()).containsExactly(spec("a"), spec("b"), spec("c"));

    assertThat(run(new StrikeSubmission(SECOND, 2))).isTrue();
    assertThat(found()).containsExactly(spec("a"), spec("c"));
  }

  /** However the steps of the two fall between each other. */
  @Test
  void missesNoJobWhileTheDocketIsTakenOver() {
    for (int lead = 0; lead < 60; lead++) {
      var store = new MemoryNames();
      drive(Claim.ofDocket(FIRST, "one", 0, Optional.empty()), store);
      for (int number = 1; number <= 3; number++) {
        drive(
            WriteFact.submission(
                FIRST, new Submission(number, spec("abc".substring(number - 1, number))), number),
            store);
      }
      Procedure<Claim.Result<ClaimedDocket>> claim =
          Claim.ofDocket(SECOND, "two", 0, Optional.empty());
      Step<Claim.Result<ClaimedDocket>> claiming = claim.start();
      for (int i = 0;
          i < lead && claiming instanceof Step.Do<Claim.Result<ClaimedDocket>> next;
          i++) {
        claiming = claim.on(next.op().apply(store));
      }
      var find = new FindSubmissions();
      Step<List<JobSpec>> finding = find.start();
      while (finding instanceof Step.Do<List<JobSpec>> look) {
        finding = find.on(look.op().apply(store));
        if (claiming instanceof Step.Do<Claim.Result<ClaimedDocket>> next) {
          claiming = claim.on(next.op().apply(store));
        }
      }
      assertThat(finding)
          .as("a lead of %d", lead)
          .isEqualTo(new Step.Done<>(List.of(spec("a"), spec("b"), spec("c"))));
    }
  }

  @Test
  void aJobThatCannotBeReadIsNotLeftOutInSilence() throws Exception {
    claim(FIRST);
    note(FIRST, 1, spec("a"));
    String name = names.list("epochs/" + FIRST.label()).get(0).name();
    names.delete("epochs/" + FIRST.label() + "/" + name);
    names.createExclusive("epochs/" + FIRST.label() + "/" + name, new byte[] {1, 2, 3});

    assertThat(Procedure.run(new FindSubmissions(), names)).isInstanceOf(Step.Failed.class);
  }

  @Test
  void findsHowAJobEndedInWhicheverEpochThatIs() {
    assertThat(run(new FindResult())).isEmpty();
    drive(Claim.ofJob(FIRST, "one", 0, Optional.empty()), names);
    assertThat(run(new FindResult())).isEmpty();
    var result = new JobResult(JobStatus.FINISHED, Optional.empty(), 7);
    run(WriteFact.result(FIRST, result, 1));
    assertThat(run(new FindResult())).contains(result);
    drive(Claim.ofJob(SECOND, "two", 0, Optional.empty()), names);
    assertThat(run(new FindResult())).contains(result);
  }

  /** Else whoever waits for it, or asks whether it is over, would never know. */
  @Test
  void aJobWhoseResultCannotBeReadHasEndedAllTheSame() throws Exception {
    drive(Claim.ofJob(FIRST, "one", 0, Optional.empty()), names);
    names.createExclusive("epochs/" + FIRST.label() + "/result", new byte[] {1, 2, 3});

    JobResult result = run(new FindResult()).orElseThrow();
    assertThat(result.status()).isEqualTo(JobStatus.FAILED);
    assertThat(result.failure().orElseThrow().message())
        .contains("epochs/" + FIRST.label() + "/result cut off")
        .contains("how the job was to end, or has ended, is not known");
  }

  private List<JobSpec> found() {
    return run(new FindSubmissions());
  }

  private void claim(Epoch epoch) {
    drive(Claim.ofDocket(epoch, "owner of " + epoch, 0, Optional.empty()), names);
  }

  private void note(Epoch epoch, long number, JobSpec spec) {
    assertThat(run(WriteFact.submission(epoch, new Submission(number, spec), number)).verdict())
        .isEqualTo(Written.Verdict.DONE);
  }

  private <R> R run(Procedure<R> procedure) {
    return drive(procedure, names);
  }

  private static <R> R drive(Procedure<R> procedure, DurableNames store) {
    Step<R> step = Procedure.run(procedure, store);
    assertThat(step).isInstanceOf(Step.Done.class);
    return ((Step.Done<R>) step).result();
  }

  private static JobSpec spec(String digit) {
    var source =
        new Vertex(
            "a",
            "a",
            Vertex.Role.ENUMERATOR,
            new UserCode("a", new byte[] {1}),
            1,
            16,
            "default",
            false,
            false,
            false,
            List.of());
    return new JobSpec(
        new JobId(digit.repeat(32)),
        "aaaaaaaaaaaaaaaa",
        new JobGraph("job", List.of(source), new ArrayList<>(), Map.of()),
        List.of(),
        Optional.empty());
  }
}
