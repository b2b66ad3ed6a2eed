package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.protocol.AttemptId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckpointTrackerTest {
  private static final AttemptId A = attempt(0);
  private static final AttemptId B = attempt(1);

  private static final String AT_ONCE = "execution.checkpointing.max-concurrent-checkpoints";
  private static final SubtaskState PART =
      new SubtaskState("uid", 0, 1, 128, Optional.empty(), List.of(), Optional.empty());

  private final CheckpointTracker tracker = tracker(Map.of());

  @Test
  void isCompleteOnceEveryAttemptHasAcknowledged() {
    long id = tracker.begin(at(0), List.of(A, B), false, Purpose.CHECKPOINT);

    assertThat(tracker.acked(A, id, List.of())).isFalse();
    assertThat(tracker.acked(A, id, List.of())).as("said twice").isFalse();
    assertThat(tracker.acked(B, id - 1, List.of())).as("of another").isFalse();
    assertThat(tracker.commit()).isEmpty();
    assertThat(tracker.acked(B, id, List.of())).isTrue();
    assertThat(tracker.acked(B, id, List.of())).as("complete already").isFalse();

    assertThat(tracker.commit().orElseThrow().parts().id()).isEqualTo(id);
    assertThat(tracker.isCommitting(id)).isTrue();
    tracker.completed(at(6));
    assertThat(tracker.idle()).isTrue();
  }

  @Test
  void takesPartsOnlyFromThoseThatItAwaits() {
    long id = tracker.begin(at(0), List.of(A, B), false, Purpose.CHECKPOINT);
    var before = new AttemptId(TestJobs.JOB, 0, 0, 0, 1);

    assertThat(tracker.acked(A, id, List.of())).isFalse();
    assertThat(tracker.acked(before, id, List.of())).as("of an older generation").isFalse();
    assertThat(tracker.commit()).isEmpty();
    assertThat(tracker.acked(B, id, List.of())).isTrue();
  }

  @Test
  void severalMayBeUnderWayAndACompleteOneLeavesOlderOnesBehind() {
    CheckpointTracker three = tracker(Map.of(AT_ONCE, "3"));
    long first = begin(three, at(0));
    long second = begin(three, at(1));
    long third = begin(three, at(2));
    assertThat(three.hasRoom()).isFalse();
    assertThat(three.collecting()).containsExactly(first, second, third);

    three.acked(A, first, List.of(PART));
    three.acked(A, second, List.of());
    three.acked(B, second, List.of());
    CheckpointTracker.Complete complete = three.commit().orElseThrow();
    assertThat(complete.parts().id()).isEqualTo(second);
    assertThat(complete.overtaken())
        .containsExactly(
            new CheckpointTracker.Parts(first, false, Purpose.CHECKPOINT, List.of(PART)));
    assertThat(three.acked(B, first, List.of())).as("overtaken").isFalse();
    assertThat(three.comesTooLate(first)).isTrue();

    three.acked(A, third, List.of());
    three.acked(B, third, List.of());
    assertThat(three.commit()).as("one manifest at a time").isEmpty();
    three.completed(at(3));
    assertThat(three.commit().orElseThrow().parts().id()).isEqualTo(third);
  }

  /** Tasks take it for all before it. */
  @Test
  void tasksHearOfOneThatWasGivenUpOnceNoOlderOneIsCollected() {
    CheckpointTracker three = tracker(Map.of(AT_ONCE, "3"));
    long first = begin(three, at(0));
    long second = begin(three, at(1));
    begin(three, at(2));

    three.giveUp(second, at(3));
    assertThat(three.toAbort()).isEmpty();
    three.giveUp(first, at(4));
    assertThat(three.toAbort()).hasValue(second);
    assertThat(three.toAbort()).as("said once").isEmpty();
  }

  @Test
  void aPauseLeavesRoomForOne() {
    CheckpointTracker paused =
        tracker(Map.of(AT_ONCE, "3", "execution.checkpointing.min-pause", "1 s"));
    begin(paused, at(0));
    assertThat(paused.hasRoom()).isFalse();
  }

  @Test
  void aSavepointIsAlone() {
    CheckpointTracker three = tracker(Map.of(AT_ONCE, "3"));
    long id = three.begin(at(0), List.of(A), false, Purpose.savepoint("memory:/s"));
    assertThat(three.hasRoom()).isFalse();
    three.acked(A, id, List.of());
    assertThat(three.commit()).isPresent();
    assertThat(three.hasRoom()).isFalse();
  }

  @Test
  void numbersOnlyGrowOverFailuresAndRestarts() {
    tracker.raise(41);
    assertThat(begin(tracker, at(0))).isEqualTo(42);
    tracker.giveUp(42, at(1));
    assertThat(begin(tracker, at(2))).isEqualTo(43);
    tracker.reset();
    tracker.raise(7);
    assertThat(begin(tracker, at(3))).isEqualTo(44);
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
  void aRestartDoesNotShortenTheLeastPause() {
    CheckpointTracker paused =
        tracker(
            Map.of(
                "execution.checkpointing.interval", "1 s",
                "execution.checkpointing.min-pause", "10 s"));

    complete(paused, 1_000, 2_000);
    paused.restart();
    assertThat(paused.untilNext(at(3_000), true)).contains(Duration.ofSeconds(9));
    assertThat(paused.untilNext(at(20_000), true)).contains(Duration.ofSeconds(1));
  }

  @Test
  void whoFollowsTasksThatWorkedKeepsTheirPace() {
    CheckpointTracker tracker = tracker(Map.of("execution.checkpointing.interval", "10 s"));

    complete(tracker, 0, 1_000);
    complete(tracker, 10_000, 11_000);
    tracker.restart();
    tracker.reset(); // as the job is claimed again
    assertThat(tracker.untilNext(at(12_000), true)).contains(Duration.ofSeconds(8));
    assertThat(tracker.untilNext(at(19_500), true)).contains(Duration.ofSeconds(1));
    assertThat(tracker.untilNext(at(60_000), true)).contains(Duration.ofSeconds(1));
  }

  @Test
  void whoFollowsTasksThatFailOnAndOnRunsForAnInterval() {
    CheckpointTracker tracker = tracker(Map.of("execution.checkpointing.interval", "10 s"));

    complete(tracker, 0, 1_000);
    complete(tracker, 10_000, 11_000);
    tracker.restart();
    complete(tracker, 20_000, 21_000);
    tracker.restart();
    assertThat(tracker.untilNext(at(22_000), true)).contains(Duration.ofSeconds(10));
  }

  @Test
  void whoFollowsAnotherTrackerKeepsItsPace() {
    Map<String, String> settings = Map.of("execution.checkpointing.interval", "10 s");
    assertThat(followed(settings, 4_000)).contains(Duration.ofSeconds(6));
    assertThat(followed(settings, 9_500)).contains(Duration.ofSeconds(1));
    assertThat(followed(settings, Long.MAX_VALUE)).contains(Duration.ofSeconds(1));
    assertThat(followed(settings, Long.MIN_VALUE)).contains(Duration.ofSeconds(10));
  }

  @Test
  void whoFollowsAnotherTrackerKeepsTheLeastPause() {
    Map<String, String> settings =
        Map.of(
            "execution.checkpointing.interval", "1 s",
            "execution.checkpointing.min-pause", "10 s");
    assertThat(followed(settings, 4_000)).contains(Duration.ofSeconds(6));
    assertThat(followed(settings, 60_000)).contains(Duration.ofMillis(100));
  }

  private static Optional<Duration> followed(Map<String, String> settings, long ageMillis) {
    CheckpointTracker tracker = tracker(settings);
    tracker.follow(ageMillis, at(50_000));
    return tracker.untilNext(at(50_000), true);
  }

  @Test
  void wantsNoneByTimeWithoutAnInterval() {
    assertThat(tracker(Map.of("execution.checkpointing.interval", "0")).untilNext(at(0), true))
        .isEmpty();
  }

  @Test
  void tellsWhatCanBeDroppedWhenItIsGivenUp() {
    long id = begin(tracker, at(0));
    tracker.acked(A, id, List.of(PART));
    assertThat(tracker.comesTooLate(id)).isFalse();
    assertThat(tracker.giveUp(id, at(1)).orElseThrow().states()).containsExactly(PART);
    assertThat(tracker.comesTooLate(id)).isTrue();

    id = begin(tracker, at(2));
    tracker.acked(A, id, List.of(PART));
    tracker.acked(B, id, List.of(PART));
    tracker.commit();
    assertThat(tracker.giveUp(id, at(3)).orElseThrow().states())
        .as("its manifest may be written")
        .isEmpty();
  }

  @Test
  void countsFailuresInARow() {
    tracker.giveUp(begin(tracker, at(0)), at(1));
    long second = begin(tracker, at(2));
    tracker.giveUp(second, at(3));
    assertThat(tracker.failuresInARow()).isEqualTo(2);

    complete(tracker, 4, 5);
    assertThat(tracker.failuresInARow()).isZero();
    assertThat(tracker.giveUp(second, at(6))).isEmpty();
  }

  private static long begin(CheckpointTracker tracker, Clock now) {
    return tracker.begin(now, List.of(A, B), false, Purpose.CHECKPOINT);
  }

  private static void complete(CheckpointTracker tracker, long from, long to) {
    long id = tracker.begin(at(from), List.of(A), false, Purpose.CHECKPOINT);
    tracker.acked(A, id, List.of());
    tracker.commit();
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
