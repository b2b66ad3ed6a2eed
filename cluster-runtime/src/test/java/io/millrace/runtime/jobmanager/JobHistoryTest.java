package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JobHistoryTest {
  private final JobHistory history =
      new JobHistory(
          new JobSpec(
              TestJobs.JOB,
              "0123456789abcdef",
              TestJobs.graph(Map.of()),
              List.of(),
              Optional.empty()));

  @Test
  void notesAStateOnceUnlessThereIsNews() {
    history.note(5, JobStatus.RUNNING, "");
    history.note(6, JobStatus.RUNNING, "");
    history.note(7, JobStatus.RUNNING, "checkpoint 3 was given up");

    assertThat(history.count()).isEqualTo(2);
    assertThat(history.since(1))
        .containsExactly(new Change(7, JobStatus.RUNNING, "checkpoint 3 was given up"));
    assertThat(history.since(9)).isEmpty();
  }

  @Test
  void forgetsTheOldestOfAJobThatHasMuchToTell() {
    history.note(1, JobStatus.INITIALIZING, "");
    int told = 3 * JobHistory.MOST_CHANGES;
    for (int i = 0; i < told; i++) {
      history.note(10 + i, JobStatus.RUNNING, "checkpoint " + i + " was given up");
    }

    assertThat(history.count()).isEqualTo(told + 1);
    assertThat(history.since(0)).hasSize(JobHistory.MOST_CHANGES);
    assertThat(history.since(told))
        .containsExactly(
            new Change(9 + told, JobStatus.RUNNING, "checkpoint " + (told - 1) + " was given up"));
    assertThat(history.summary().startWallMillis()).isEqualTo(1);
  }

  @Test
  void whatLedUpToAStateChangesNothingOfIt() {
    history.note(5, JobStatus.CREATED, "");
    history.detail(6, "a TaskManager has registered");
    history.note(7, JobStatus.CREATED, "");
    history.note(8, JobStatus.RUNNING, "");

    assertThat(history.since(0))
        .containsExactly(
            new Change(5, JobStatus.CREATED, ""),
            new Change(6, JobStatus.CREATED, "a TaskManager has registered", true),
            new Change(8, JobStatus.RUNNING, ""));
    for (int i = 0; i < 2 * JobHistory.MOST_CHANGES; i++) {
      history.detail(9, "one of very many");
    }
    assertThat(history.since(0)).hasSize(JobHistory.MOST_DETAILS + 2);
  }
}
