package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every change of a job is told once, whichever JobManager made it. */
class ChronicleTest {
  private final Chronicle chronicle = new Chronicle();
  private final List<String> told = new ArrayList<>();

  /** What one JobManager keeps of the job's life. */
  private static final class Master implements Chronicle.Teller {
    private final List<Change> changes = new ArrayList<>();

    Master does(String... notes) {
      for (String note : notes) {
        changes.add(new Change(start() + changes.size(), JobStatus.RUNNING, note));
      }
      return this;
    }

    private final long start;

    Master(long start) {
      this.start = start;
    }

    private long start() {
      return changes.isEmpty() ? start : changes.get(0).wallMillis();
    }

    @Override
    public JobDetails since(int known) {
      var job = new JobId("0123456789abcdef0123456789abcdef");
      return new JobDetails(
          1,
          new JobSummary(job, "job", JobStatus.RUNNING, changes.isEmpty() ? 0 : start(), 0),
          changes.stream().skip(known).toList(),
          changes.size(),
          0,
          Optional.empty(),
          Optional.empty());
    }
  }

  private void look(Chronicle.Teller master) throws Exception {
    chronicle.next(master).changes().forEach(change -> told.add(change.note()));
  }

  @Test
  void aJobManagerIsNotAskedAgainForWhatItHasTold() throws Exception {
    var master = new Master(1_000);
    look(master);
    look(master.does("a", "b"));
    look(master);
    look(master.does("c"));
    assertThat(told).containsExactly("a", "b", "c");
  }

  @Test
  void allThatANewJobManagerDidIsToldHoweverMuchThatIs() throws Exception {
    for (int did = 0; did <= 5; did++) {
      told.clear();
      var chronicle = new ChronicleTest();
      chronicle.look(new Master(1_000).does("a", "b", "c"));
      var next = new Master(9_000);
      var expected = new ArrayList<>(List.of("a", "b", "c"));
      for (int i = 0; i < did; i++) {
        next.does("new " + i);
        expected.add("new " + i);
      }
      chronicle.look(next);
      chronicle.look(next);
      chronicle.look(next.does("last"));
      expected.add("last");
      assertThat(chronicle.told).as("after %s changes", did).isEqualTo(expected);
    }
  }

  /** It has read when the one before it began with the job. */
  @Test
  void aJobManagerThatHasTakenOverAtOnceIsToldFromItsStart() throws Exception {
    for (int did = 1; did <= 5; did++) {
      var chronicle = new ChronicleTest();
      chronicle.look(new Master(1_000).does("a", "b", "c"));
      var next = new Master(1_000);
      var expected = new ArrayList<>(List.of("a", "b", "c"));
      for (int i = 0; i < did; i++) {
        next.does("new " + i);
        expected.add("new " + i);
      }
      chronicle.look(next);
      chronicle.look(next);
      assertThat(chronicle.told).as("after %s changes", did).isEqualTo(expected);
    }
  }

  @Test
  void theThirdJobManagerIsToldFromTheSecond() throws Exception {
    look(new Master(1_000).does("a"));
    look(new Master(2_000).does("b"));
    look(new Master(3_000).does("c"));
    assertThat(told).containsExactly("a", "b", "c");
  }

  /** The JobManager may end between two questions. */
  @Test
  void aJobManagerThatComesInTheMiddleIsToldFromItsStart() throws Exception {
    look(new Master(1_000).does("a", "b"));
    var second = new Master(2_000).does("lost with it");
    var third = new Master(3_000).does("c", "d");
    look(known -> known > 0 ? second.since(known) : third.since(known));
    look(third.does("e"));
    assertThat(told).containsExactly("a", "b", "c", "d", "e");
  }
}
