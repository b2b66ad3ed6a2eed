package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckpointTrackerTest {
  private static final AttemptId A = attempt(0);
  private static final AttemptId B = attempt(1);

  private final CheckpointTracker tracker = tracker(Map.of());

  @Test
  void isCompleteOnceEveryAttemptHasAcknowledged() {
    long id = tracker.begin(at(0), 2, false, Purpose.CHECKPOINT);

    assertThat(tracker.acked(A, id, List.of())).isFalse();
    assertThat(tracker.acked(A, id, List.of())).as("said twice").isFalse();
    assertThat(tracker.acked(B, id - 1, List.of())).as("of another").isFalse();
    assertThat(tracker.acked(B, id, List.of())).isTrue();
    assertThat(tracker.committing()).isTrue();
    assertThat(tracker.acked(B, id, List.of())).as("complete already").isFalse();

    Manifest manifest =
        tracker.manifest(
            TestJobs.JOB,
            "0123456789abcdef",
            new Epoch(1, 1),
            3,
            at(5),
            Optional.empty(),
            List.of());
    assertThat(manifest.checkpoint()).isEqualTo(id);
    assertThat(manifest.generation()).isEqualTo(3);
    tracker.completed(at(6));
    assertThat(tracker.idle()).isTrue();
  }

  @Test
  void numbersOnlyGrowOverFailuresAndRestarts() {
    tracker.raise(41);
    assertThat(tracker.begin(at(0), 1, false, Purpose.CHECKPOINT)).isEqualTo(42);
    tracker.giveUp(at(1));
    assertThat(tracker.begin(at(2), 1, false, Purpose.CHECKPOINT)).isEqualTo(43);
    tracker.reset();
    tracker.raise(7);
    assertThat(tracker.begin(at(3), 1, false, Purpose.CHECKPOINT)).isEqualTo(44);
  }

  @Test
  void startsAtTheIntervalButNotBeforeTheLeastPause() {
    CheckpointTracker paused =
        tracker(
            Map.of(
                "execution.checkpointing.interval", "10 s",
                "execution.checkpointing.min-pause", "4 s"));

    assertThat(paused.untilNext(at(0), true)).contains(Duration.ofSeconds(10));
    complete(paused, 10_000, 11_000);
    assertThat(paused.untilNext(at(11_000), false)).contains(Duration.ofSeconds(9));
    complete(paused, 20_000, 29_000);
    assertThat(paused.untilNext(at(29_000), false)).contains(Duration.ofSeconds(4));
    complete(paused, 33_000, 50_000);
    assertThat(paused.untilNext(at(55_000), false)).contains(Duration.ZERO);
  }

  @Test
  void wantsNoneByTimeWithoutAnInterval() {
    assertThat(tracker(Map.of("execution.checkpointing.interval", "0")).untilNext(at(0), true))
        .isEmpty();
  }

  @Test
  void tellsWhatCanBeDroppedWhenItIsGivenUp() {
    var part = new SubtaskState("uid", 0, 1, 128, Optional.empty(), List.of(), Optional.empty());
    long id = tracker.begin(at(0), 2, false, Purpose.CHECKPOINT);
    tracker.acked(A, id, List.of(part));
    assertThat(tracker.collected()).containsExactly(part);
    assertThat(tracker.comesTooLate(id)).isFalse();
    tracker.giveUp(at(1));
    assertThat(tracker.collected()).isEmpty();
    assertThat(tracker.comesTooLate(id)).isTrue();

    id = tracker.begin(at(2), 2, false, Purpose.CHECKPOINT);
    tracker.acked(A, id, List.of(part));
    tracker.acked(B, id, List.of(part));
    assertThat(tracker.collected()).as("its manifest may be written").isEmpty();
  }

  @Test
  void countsFailuresInARow() {
    tracker.begin(at(0), 1, false, Purpose.CHECKPOINT);
    tracker.giveUp(at(1));
    tracker.begin(at(2), 1, false, Purpose.CHECKPOINT);
    tracker.giveUp(at(3));
    assertThat(tracker.failuresInARow()).isEqualTo(2);

    complete(tracker, 4, 5);
    assertThat(tracker.failuresInARow()).isZero();
    assertThat(tracker.giveUp(at(6))).isEmpty();
  }

  private static void complete(CheckpointTracker tracker, long from, long to) {
    tracker.acked(A, tracker.begin(at(from), 1, false, Purpose.CHECKPOINT), List.of());
    tracker.completed(at(to));
  }

  private static CheckpointTracker tracker(Map<String, String> settings) {
    return new CheckpointTracker(new Configuration(settings));
  }

  private static Clock at(long millis) {
    return new Clock(millis, 0);
  }

  private static AttemptId attempt(int subtask) {
    return new AttemptId(TestJobs.JOB, 0, 1, 0, subtask);
  }
}
