package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.Soak.Report;
import io.millrace.it.SoakStrikes.Strike;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A minute of what {@code scripts/soak} does for as long as it is asked to. */
@Tag("cluster")
class SoakIT {
  @Test
  void aMinuteOfStrikesChangesNothingInTheLedger() throws Exception {
    soak("soak", SoakOptions.Mode.PER_JOB);
  }

  /** And nothing is submitted anew when main runs again. */
  @Test
  @Tag("long")
  void neitherDoesAMinuteOfThemIfMainRunsInTheCluster() throws Exception {
    soak("soak of an application", SoakOptions.Mode.APPLICATION);
  }

  private static void soak(String name, SoakOptions.Mode mode) throws Exception {
    Report report = Soak.run(SoakOptions.seconds(60, mode, 1));
    Measurements.note(name, report);

    assertThat(report.complaints()).isEmpty();
    assertThat(report.strikes().get(Strike.KILL_TASK_MANAGER)).isPositive();
    assertThat(report.strikes().get(Strike.KILL_APPLICATION_MASTER)).isPositive();
    assertThat(report.strikes().get(Strike.PAUSE_TASK_MANAGER)).isPositive();
    assertThat(report.recoveries()).isPositive();
  }
}
