package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Fifty TaskManagers lose their JobManager, and find it, at the same moment. */
class StormTest {
  private static final int MANY = 50;
  private static final long BREAKS_AT_MILLIS = 6_000;

  private final TreeMap<Long, Integer> looksByMillis = new TreeMap<>();
  private final TreeMap<String, Integer> looksByProcess = new TreeMap<>();

  private Story story() {
    return Story.ofAJobAmongMany(MANY)
        .watching(
            (millis, who, step) -> {
              if (who.startsWith("tm-") && step.startsWith("list epochs")) {
                looksByMillis.merge(millis, 1, Integer::sum);
                looksByProcess.merge(who, 1, Integer::sum);
              }
            });
  }

  /** Most looks within any hundredth of a second. */
  private int mostAtOnce() {
    return looksByMillis.keySet().stream()
        .mapToInt(
            from ->
                looksByMillis.subMap(from, from + 10).values().stream()
                    .mapToInt(Integer::intValue)
                    .sum())
        .max()
        .orElse(0);
  }

  @Test
  void nobodyIsReplacedIfAllComeBackSoon() {
    Outcome outcome =
        story().atMillis(BREAKS_AT_MILLIS, s -> s.allConnectionsBreak(400)).finishes(1);

    assertThat(outcome.tally().of("control connection broken")).isEqualTo(MANY);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.taskManagers()).isEqualTo(MANY);
  }

  @Test
  void aJobWhoseTaskManagersStayAwayStartsOnceMore() {
    Outcome outcome =
        story().atMillis(BREAKS_AT_MILLIS, s -> s.allConnectionsBreak(10_000)).finishes(1);

    assertThat(outcome.deployments()).isEqualTo(2);
    assertThat(outcome.taskManagers()).as("one new one for each").isEqualTo(2 * MANY);
    assertThat(mostAtOnce()).as("looks at the store").isBetween(1, MANY / 3);
  }

  @Test
  void allFollowTheNextJobManager() {
    Outcome outcome = story().atMillis(BREAKS_AT_MILLIS, Story::jobManagerDies).finishes(1);

    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.taskManagers()).isEqualTo(MANY);
    assertThat(outcome.tally().of("TaskManager followed a new JobManager")).isEqualTo(MANY);
    assertThat(mostAtOnce()).as("looks at the store").isBetween(1, MANY / 3);
    assertThat(looksByProcess)
        .hasSize(MANY)
        .allSatisfy((who, looks) -> assertThat(looks).isLessThan(15));
  }
}
