package io.millrace.runtime.task;

import static io.millrace.runtime.task.Outside.ONCE;
import static io.millrace.runtime.task.Outside.bench;
import static io.millrace.runtime.task.Outside.failure;
import static io.millrace.runtime.task.Outside.restored;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.AsyncRetryStrategies.FixedDelayRetryStrategyBuilder;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RetryPredicates;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.Watermark;
import io.millrace.runtime.task.Outside.Question;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Requests that are made again, and those whose time is over. */
class AsyncRetryTest {
  /** Only remembers what is late. */
  private static final class Patient extends Outside {
    final List<Question> timedOut = new ArrayList<>();

    @Override
    public void timeout(Object input, ResultFuture<Object> future) {
      timedOut.add(new Question(input, future));
    }
  }

  private final Outside outside = new Outside();

  private static AsyncRetryStrategy<Object> twice(long pause) {
    return new FixedDelayRetryStrategyBuilder<Object>(2, pause)
        .ifException(RetryPredicates.createExceptionTypePredicate(IOException.class))
        .ifResult(RetryPredicates.EMPTY_RESULT_PREDICATE)
        .build();
  }

  @Test
  void whatIsNotAnsweredInTimeFailsTheTaskUnlessTheFunctionKnowsBetter() {
    var bench = bench(outside, true, 5, 100, ONCE, TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    bench.settle();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 100);
    bench.now += 99;
    bench.settle();
    assertThat(bench.said(TaskEvent.Failed.class)).isEmpty();
    bench.now += 1;
    bench.settle();
    assertThat(failure(bench).cause()).isInstanceOf(TimeoutException.class);
  }

  @Test
  void theFunctionSaysWhatTakesThePlaceOfALateAnswer() {
    var patient = new Patient();
    var bench = bench(patient, true, 5, 100, ONCE, TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a", "b"));
    bench.settle();
    patient.asked.get(1).answer();
    bench.now += 100;
    bench.settle();
    // The answer that is here is in time.
    assertThat(patient.timedOut).extracting(Question::input).containsExactly("a");
    assertThat(bench.received(0)).isEmpty();

    patient.timedOut.get(0).future().complete(List.of("late"));
    patient.asked.get(0).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("late", "b!");
    bench.now += 1_000;
    bench.settle();
    assertThat(patient.timedOut).hasSize(1);
  }

  /** One that only counts what is late must not stop the stream. */
  @Test
  void aLateAnswerCountsIfTheFunctionPutsNothingInItsPlace() {
    for (boolean ordered : List.of(true, false)) {
      var patient = new Patient();
      var bench = bench(patient, ordered, 1, 100, twice(10), TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a", "b"));
      bench.settle();
      bench.now += 100;
      bench.settle();
      assertThat(patient.timedOut).hasSize(1);
      patient.asked.get(0).answer();
      bench.settle();
      assertThat(bench.received(0)).containsExactly("a!");

      bench.now += 100;
      bench.settle();
      patient.asked.get(1).future().complete(List.of()); // would be asked for again, if in time
      bench.now += 100;
      bench.settle();
      assertThat(patient.asked).hasSize(2);
      assertThat(bench.received(0)).isEmpty();
      assertThat(bench.send(0, new Watermark(5)).settle()).isNotEqualTo(Progress.DONE);
      assertThat(bench.received(0)).containsExactly("[watermark 5]");
    }
  }

  @Test
  void whatFailsIsAskedForAgainAfterAPause() {
    var bench = bench(outside, true, 1, 0, twice(50), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a", "b"));
    bench.settle();
    outside.asked.get(0).future().completeExceptionally(new IOException("first"));
    bench.settle();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 50);
    assertThat(outside.asked).hasSize(1);

    bench.now += 50;
    bench.settle();
    outside.asked.get(1).future().complete(List.of());
    bench.settle();
    bench.now += 50;
    bench.settle();
    assertThat(outside.inputs()).containsExactly("a", "a", "a");

    // An answer to an earlier try is no answer to this one; and the last try counts as it is.
    outside.asked.get(0).answer();
    outside.asked.get(2).future().complete(List.of());
    bench.settle();
    assertThat(bench.received(0)).isEmpty();
    assertThat(outside.inputs()).containsExactly("a", "a", "a", "b");
  }

  @Test
  void retriesEndWithTheLastError() {
    var bench = bench(outside, false, 5, 0, twice(10), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    for (int attempt = 0; attempt < 3; attempt++) {
      bench.settle();
      outside.asked.get(attempt).future().completeExceptionally(new IOException("try " + attempt));
      bench.settle();
      bench.now += 10;
    }
    bench.settle();
    assertThat(failure(bench).cause()).hasMessage("try 2");
  }

  @Test
  void anErrorOfAnotherClassIsNotRetried() {
    var bench = bench(outside, false, 5, 0, twice(10), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    bench.settle();
    outside.asked.get(0).future().completeExceptionally(new IllegalStateException("no"));
    bench.settle();
    assertThat(failure(bench).cause()).hasMessage("no");
  }

  @Test
  void theTimeoutIsThatOfAllTriesTogether() {
    var patient = new Patient();
    var bench = bench(patient, true, 5, 100, twice(80), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    bench.settle();
    patient.asked.get(0).future().completeExceptionally(new IOException("first"));
    bench.settle();
    bench.now += 80;
    bench.settle();
    assertThat(patient.asked).hasSize(2);
    patient.asked.get(1).future().completeExceptionally(new IOException("second"));
    bench.settle();
    assertThat(patient.timedOut).isEmpty();
    bench.now += 20;
    bench.settle();
    assertThat(patient.timedOut).hasSize(1);
    bench.now += 1_000;
    bench.settle();
    assertThat(patient.asked).hasSize(2);
    assertThat(patient.timedOut).hasSize(1);
  }

  @Test
  void noRetryFollowsTheTimeoutAndNoLateAnswer() {
    var patient = new Patient();
    var bench = bench(patient, true, 5, 100, twice(500), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a", "b"));
    bench.settle();
    patient.asked.get(0).future().completeExceptionally(new IOException("first"));
    bench.settle();
    bench.now += 100;
    bench.settle();
    assertThat(patient.timedOut).extracting(Question::input).containsExactly("a", "b");
    patient.timedOut.forEach(late -> late.future().complete(List.of("no " + late.input())));
    patient.asked.forEach(Question::answer);
    bench.settle();
    bench.now += 1_000;
    bench.settle();

    assertThat(bench.received(0)).containsExactly("no a", "no b");
    assertThat(patient.timedOut).hasSize(2);
    assertThat(patient.inputs()).containsExactly("a", "b");
  }

  @Test
  void betweenTwoTriesTheFunctionMayCompleteTheRequestLater() {
    for (boolean ordered : List.of(true, false)) {
      var patient = new Patient();
      var bench = betweenTries(patient, ordered, new IOException("first"));
      bench.now += 99;
      bench.settle();
      assertThat(bench.received(0)).isEmpty();
      patient.timedOut.get(0).future().complete(List.of("late"));
      patient.timedOut.get(0).future().complete(List.of("twice"));
      bench.now += 1; // so it is here before the time is up, if not looked at
      bench.settle();
      patient.asked.get(1).answer();
      bench.settle();
      bench.now += 1_000;
      bench.settle();
      assertThat(bench.received(0)).containsExactly("late", "b!");
      assertThat(patient.timedOut).hasSize(1);
      assertThat(patient.inputs()).containsExactly("a", "b");
    }
  }

  /** Else the only place for a request would be taken for ever. */
  @Test
  void betweenTwoTriesTheLastOneCountsIfTheFunctionPutsNothingInItsPlace() {
    for (boolean ordered : List.of(true, false)) {
      var patient = new Patient();
      var bench = betweenTries(patient, ordered, null);
      assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 100);
      bench.now += 100;
      bench.settle();
      assertThat(patient.inputs()).containsExactly("a", "b");
      patient.timedOut.get(0).future().complete(List.of("too late"));
      patient.asked.get(1).answer();
      bench.settle();
      assertThat(bench.received(0)).containsExactly("b!");

      var other = betweenTries(new Patient(), ordered, new IOException("first"));
      other.now += 100;
      other.settle();
      assertThat(failure(other).operator()).isEqualTo("ask");
      assertThat(failure(other).cause())
          .isInstanceOf(TimeoutException.class)
          .hasMessageContaining("timeout() of " + Patient.class.getName())
          .hasRootCauseMessage("first");
    }
  }

  /** A request for "a" that was to be made again when its time was over; "b" has no place yet. */
  private static Bench betweenTries(Patient patient, boolean ordered, IOException first) {
    var bench = bench(patient, ordered, 1, 100, twice(500), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a", "b"));
    bench.settle();
    ResultFuture<Object> future = patient.asked.get(0).future();
    if (first == null) {
      future.complete(List.of());
    } else {
      future.completeExceptionally(first);
    }
    bench.settle();
    bench.now += 100;
    bench.settle();
    assertThat(patient.timedOut).hasSize(1);
    return bench;
  }

  /** An answer that is here as its time is over is in time, but no reason to ask again. */
  @Test
  void anAnswerToBeImprovedOnAsTheTimeIsOverDelaysNoOthersTimeout() {
    var patient = new Patient();
    var bench = bench(patient, false, 5, 100, twice(10), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    bench.settle();
    bench.now += 50;
    bench.send(0, Bench.batch("b"));
    bench.settle();
    patient.asked.get(0).future().complete(List.of());
    bench.now += 50;
    bench.settle();
    assertThat(patient.timedOut).extracting(Question::input).containsExactly("a");
    bench.now += 50;
    bench.settle();
    assertThat(patient.timedOut).extracting(Question::input).containsExactly("a", "b");
    bench.now += 50;
    bench.settle();
    patient.asked.get(1).answer();
    bench.send(0, new Watermark(5)).settle();
    assertThat(bench.received(0)).containsExactly("b!", "[watermark 5]");
  }

  @Test
  void triesAndTimeBeginAnewAfterARestore() throws Exception {
    var first = new Patient();
    var bench = bench(first, true, 5, 100, twice(500), TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("a"));
    bench.settle();
    first.asked.get(0).future().completeExceptionally(new IOException("first"));
    bench.settle();
    bench.now += 100;
    bench.send(0, new Barrier(1));
    bench.settle();
    assertThat(first.timedOut).hasSize(1);

    var patient = new Patient();
    var restored = bench(patient, true, 5, 100, twice(10), restored(bench, 0));
    restored.settle();
    assertThat(restored.task().wakeAtMillis()).isEqualTo(restored.now + 100);
    for (int attempt = 0; attempt < 2; attempt++) {
      patient.asked.get(attempt).future().completeExceptionally(new IOException("again"));
      restored.settle();
      restored.now += 10;
      restored.settle();
    }
    assertThat(patient.inputs()).containsExactly("a", "a", "a");
    assertThat(restored.task().wakeAtMillis()).isEqualTo(restored.now + 80);
  }
}
