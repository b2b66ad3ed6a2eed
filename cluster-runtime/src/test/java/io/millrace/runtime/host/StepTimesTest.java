package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.JobId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What users read of long steps. */
class StepTimesTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final AttemptId ATTEMPT =
      new AttemptId(new JobId("0123456789abcdef0123456789abcdef"), 0, 1, 2, 3);

  private final List<String> metrics = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private StepTimes times(Duration interval) {
    return new StepTimes("tm-1-slot-0", interval, metrics::add, warnings::add);
  }

  @Test
  void tellsTheLongestOfEachInterval() {
    StepTimes times = times(Duration.ofSeconds(60));
    // Clocks that count from anywhere begin below zero, too.
    long start = -5 * SECOND;
    times.tellIfDue(start);
    times.took(3 * MILLI, 64, "read", ATTEMPT, start);
    times.took(7 * MILLI + 500_000, 64, "map, sink", ATTEMPT, start);
    times.took(5 * MILLI, 64, "read", ATTEMPT, start);
    times.tellIfDue(start + 59 * SECOND);
    assertThat(metrics).isEmpty();

    times.tellIfDue(start + 60 * SECOND);
    assertThat(metrics)
        .containsExactly(
            "slot 'tm-1-slot-0' longestStepMillis=7.500 longestStepOperators='map, sink' ["
                + ATTEMPT
                + "]");

    times.took(2 * MILLI, 64, "read", ATTEMPT, start + 61 * SECOND);
    times.tellIfDue(start + 120 * SECOND);
    assertThat(metrics).hasSize(2).last().asString().contains("longestStepMillis=2.000");
    assertThat(times.longest()).isEqualTo(new StepTimes.Longest(7_500_000, "map, sink"));

    times.tellIfDue(start + 180 * SECOND);
    assertThat(metrics).as("nothing was stepped").hasSize(2);
  }

  @Test
  void withoutAnIntervalTellsAtTheEndOfTasksOnly() {
    StepTimes times = times(Duration.ZERO);
    times.took(3 * MILLI, 64, "read", ATTEMPT, 0);
    times.tellIfDue(1_000 * SECOND);
    assertThat(metrics).isEmpty();
    times.tell(1_000 * SECOND);
    assertThat(metrics).hasSize(1);
  }

  @Test
  void warnsOfStepsThatAreTooLongForWhatTheyWereToDo() {
    StepTimes times = times(Duration.ZERO);
    times.took(SECOND, 64, "map", ATTEMPT, SECOND);
    times.took(50 * MILLI, 1, "map", ATTEMPT, SECOND);
    assertThat(warnings).isEmpty();

    times.took(51 * MILLI, 1, "map", ATTEMPT, SECOND);
    assertThat(warnings)
        .containsExactly(
            "One step of 'map' ("
                + ATTEMPT
                + ") took 51 ms; while it lasts, everything else in its slot waits. If its functions"
                + " wait for something, declare them blocking()");

    times.took(2 * SECOND, 64, "map", ATTEMPT, 11 * SECOND);
    assertThat(warnings).as("one in ten seconds").hasSize(1);
    times.took(2 * SECOND, 64, "map", ATTEMPT, 12 * SECOND);
    assertThat(warnings).hasSize(2).last().asString().contains("took 2000 ms");
  }
}
