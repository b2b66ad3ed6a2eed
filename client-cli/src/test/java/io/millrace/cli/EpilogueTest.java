package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.api.accumulator.IntCounter;
import io.millrace.api.accumulator.ListAccumulator;
import io.millrace.api.accumulator.SimpleAccumulator;
import io.millrace.cli.JobWatch.End;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The last lines of a command that has waited for its job. */
class EpilogueTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Epilogue epilogue =
      new Epilogue(
          new Console(
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8),
              Map.of()),
          "yarn logs -applicationId application_1700000000000_0001",
          JOB);

  /** An accumulator that has nothing to tell, or two lines. */
  private static final class Words implements SimpleAccumulator<String> {
    private static final long serialVersionUID = 1L;
    private String text;

    @Override
    public void add(String value) {
      text = value;
    }

    @Override
    public String getLocalValue() {
      return text;
    }

    @Override
    public void resetLocal() {
      text = null;
    }

    @Override
    public void merge(io.millrace.api.accumulator.Accumulator<String, String> other) {
      text = other.getLocalValue();
    }

    @Override
    public Words clone() {
      var copy = new Words();
      copy.text = text;
      return copy;
    }
  }

  private static Accumulators subtask(int records, String text, String... elements) {
    var accumulators = new Accumulators(List.of(), EpilogueTest.class.getClassLoader());
    var counter = new IntCounter();
    counter.add(records);
    var list = new ListAccumulator<String>();
    List.of(elements).forEach(list::add);
    var words = new Words();
    if (text != null) {
      words.add(text);
    }
    accumulators.add("records", counter);
    accumulators.add("late", list);
    accumulators.add("words", words);
    return accumulators;
  }

  private Map<String, Object> finished(Accumulators... subtasks) {
    var states = new ArrayList<io.millrace.api.accumulator.AccumulatorState>();
    for (Accumulators subtask : subtasks) {
      states.addAll(subtask.freeze().get());
    }
    return epilogue.finished(
        new End(JobStatus.FINISHED, 1234, "", Optional.empty(), states),
        EpilogueTest.class.getClassLoader());
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void ofAJobThatHasFinished() {
    assertThat(finished()).isEmpty();
    assertThat(lines(out))
        .containsExactly(
            "Program execution finished",
            "Job with JobID 0123456789abcdef0123456789abcdef has finished.",
            "Job Runtime: 1234 ms");
    assertThat(lines(err)).isEmpty();
  }

  @Test
  void ofAccumulatorsOfAllSubtasksInTheOrderOfTheirNames() {
    Map<String, Object> results = finished(subtask(3, null, "a"), subtask(4, "x\ny", "b", "c"));

    assertThat(results).containsEntry("records", 7).containsEntry("late", List.of("a", "b", "c"));
    assertThat(lines(out).subList(3, 7))
        .containsExactly(
            "Accumulator Results: ",
            "- late (java.util.ArrayList) [3 elements]",
            "- records (java.lang.Integer): 7",
            "- words (java.lang.String): x\\u000ay");
    assertThat(lines(out)).hasSize(7);
  }

  @Test
  void ofAnAccumulatorWithoutAValue() {
    finished(subtask(1, null));
    assertThat(lines(out)).contains("- words: null", "- late (java.util.ArrayList) [0 elements]");
  }

  @Test
  void ofAJobThatHasFailed() {
    epilogue.unfinished(
        new End(JobStatus.FAILED, 1, "map, subtask 2: no", Optional.of("hdfs:/c/1"), List.of()),
        EpilogueTest.class.getClassLoader());
    assertThat(lines(out)).isEmpty();
    assertThat(lines(err))
        .containsExactly(
            "Job " + JOB + " has failed: map, subtask 2: no",
            "The retained checkpoint is hdfs:/c/1; millrace run -s hdfs:/c/1 ... goes on from there",
            "Logs: yarn logs -applicationId application_1700000000000_0001");
  }

  @Test
  void ofAJobThatHasFailedWithWhatItHadCountedByThen() {
    var states = subtask(3, null, "a").freeze().get();
    Map<String, Object> results =
        epilogue.unfinished(
            new End(JobStatus.FAILED, 1, "no", Optional.empty(), states),
            EpilogueTest.class.getClassLoader());

    assertThat(results).containsEntry("records", 3);
    assertThat(lines(out))
        .startsWith("Accumulator Results as of the last checkpoint: ")
        .contains("- records (java.lang.Integer): 3");
    assertThat(lines(err)).contains("Job " + JOB + " has failed: no");
  }

  @Test
  void ofAJobWhoseFailureIsNotHiddenByAccumulatorsThatCannotBeRead() {
    var states =
        List.of(new io.millrace.api.accumulator.AccumulatorState("records", new byte[] {1, 2}));
    Map<String, Object> results =
        epilogue.unfinished(
            new End(JobStatus.FAILED, 1, "no", Optional.empty(), states),
            EpilogueTest.class.getClassLoader());

    assertThat(results).isEmpty();
    assertThat(lines(out)).isEmpty();
    assertThat(lines(err)).contains("Job " + JOB + " has failed: no");
  }

  @Test
  void ofAJobThatWasCancelled() {
    epilogue.unfinished(
        new End(JobStatus.CANCELED, 1, "", Optional.empty(), List.of()),
        EpilogueTest.class.getClassLoader());
    assertThat(lines(err)).containsExactly("Job " + JOB + " was cancelled.");
  }
}
