package io.millrace.runtime.task;

import static io.millrace.runtime.task.Outside.ONCE;
import static io.millrace.runtime.task.Outside.bench;
import static io.millrace.runtime.task.Outside.restored;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.ResultFuture;
import io.millrace.api.operator.async.AsyncFactory;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Idle;
import io.millrace.runtime.exchange.Element.Watermark;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.task.Outside.Question;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One task that asks outside, driven by hand; the outside is a list of open questions. */
class AsyncWaitTest {
  private final Outside outside = new Outside();

  private Bench ordered(int capacity) {
    return bench(outside, true, capacity, 0, ONCE, TaskBlueprint.Restored.NOTHING);
  }

  private Bench unordered(int capacity) {
    return bench(outside, false, capacity, 0, ONCE, TaskBlueprint.Restored.NOTHING);
  }

  @Test
  void orderedAnswersLeaveInTheOrderOfTheRecords() {
    var bench = ordered(10).send(0, Bench.batch("a", "b", "c"));
    bench.settle();
    assertThat(outside.inputs()).containsExactly("a", "b", "c");

    outside.asked.get(2).answer();
    outside.asked.get(1).answer();
    bench.settle();
    assertThat(bench.received(0)).isEmpty();

    outside.asked.get(0).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a!", "b!", "c!");
  }

  @Test
  void unorderedAnswersLeaveAsTheyComeButNeverPassAWatermark() {
    var bench = unordered(10).send(0, Bench.batch("a", "b"));
    bench.send(0, new Watermark(5)).send(0, Bench.batch("c", "d"));
    bench.send(0, new Watermark(7)).send(0, new Watermark(9));
    bench.settle();

    outside.asked.get(2).answer();
    outside.asked.get(1).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("b!");

    outside.asked.get(0).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a!", "[watermark 5]", "c!");

    outside.asked.get(3).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("d!", "[watermark 9]");
  }

  @Test
  void idlenessWaitsForWhatIsInFlight() {
    for (boolean ordered : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, ordered, 10, 0, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a")).send(0, new Idle(true));
      bench.settle();
      assertThat(bench.received(0)).isEmpty();

      own.asked.get(0).answer();
      bench.settle();
      assertThat(bench.received(0)).containsExactly("a!", "[idle true]");
    }
  }

  @Test
  void aFullOperatorTakesNoRecordAndDoesNotSpin() {
    for (boolean ordered : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, ordered, 2, 0, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a", "b", "c", "d", "e"));

      assertThat(bench.settle()).isEqualTo(Progress.IDLE);
      assertThat(bench.step(100)).isEqualTo(Progress.IDLE);
      assertThat(bench.task().wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
      assertThat(own.inputs()).containsExactly("a", "b");

      own.asked.get(0).answer();
      bench.settle();
      assertThat(own.inputs()).containsExactly("a", "b", "c");
      assertThat(bench.received(0)).containsExactly("a!");
    }
  }

  @Test
  void orderedAnswersThatCannotLeaveTakeRoomToo() {
    var bench = ordered(2).send(0, Bench.batch("a", "b", "c"));
    bench.settle();
    outside.asked.get(1).answer();
    bench.settle();
    assertThat(outside.inputs()).containsExactly("a", "b");
  }

  @Test
  void answersWaitWhileConsumersGiveNoCredit() {
    var factory = new AsyncFactory<>(outside, ONCE, TypeInformation.dynamic(), 0, 10, true);
    var bench = new Bench().set("exchange.batch.records", "1");
    bench.operator("ask", factory).inputs(1).output(1);
    bench.send(0, Bench.batch("a", "b", "c", "d"));
    bench.settle();
    outside.asked.forEach(Question::answer);

    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);
    assertThat(bench.received(0)).containsExactly("a!");
    bench.settle();
    assertThat(bench.received(0)).isNotEmpty();
  }

  @Test
  void aBarrierPassesWhatIsInFlightWhichIsAskedForAgainAfterARestore() throws Exception {
    for (boolean ordered : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, ordered, 3, 0, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a", "b", "c")).send(0, new Barrier(1));
      bench.settle();
      assertThat(bench.received(0)).containsExactly("[barrier 1]");

      // Answered after the barrier, so emitted after it, and again after a restore.
      own.asked.get(0).answer();
      bench.settle();
      assertThat(bench.received(0)).containsExactly("a!");

      var second = new Outside();
      Bench restored = bench(second, ordered, 2, 0, ONCE, restored(bench, 0));
      restored.send(0, Bench.batch("d"));
      restored.settle();
      assertThat(second.inputs()).containsExactly("a", "b");
      second.asked.get(0).answer();
      second.asked.get(1).answer();
      restored.settle();
      assertThat(second.inputs()).containsExactly("a", "b", "c", "d");
      second.asked.get(2).answer();
      second.asked.get(3).answer();
      restored.settle();
      assertThat(restored.received(0)).containsExactly("a!", "b!", "c!", "d!");
    }
  }

  @Test
  void whatHasLeftIsInNoLaterSnapshot() throws Exception {
    var bench = unordered(5).send(0, Bench.batch("a", "b"));
    bench.settle();
    outside.asked.get(1).answer();
    bench.settle();
    bench.send(0, new Barrier(1));
    bench.settle();
    assertThat(bench.received(0)).containsExactly("b!", "[barrier 1]");

    var second = new Outside();
    bench(second, false, 5, 0, ONCE, restored(bench, 0)).settle();
    assertThat(second.inputs()).containsExactly("a");
  }

  @Test
  void theEndOfInputWaitsForAnswersAndLetsBarriersPass() {
    for (boolean ordered : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, ordered, 1, 0, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a", "b")).send(0, new EndOfInput());
      bench.settle();
      own.asked.get(0).answer();
      bench.settle();
      assertThat(bench.received(0)).containsExactly("a!");

      bench.send(0, new Barrier(3));
      bench.settle();
      assertThat(bench.received(0)).containsExactly("[barrier 3]");
      assertThat(bench.said(TaskEvent.EndOfData.class)).isEmpty();

      own.asked.get(1).answer();
      bench.settle();
      assertThat(bench.received(0))
          .containsExactly("b!", "[watermark " + Long.MAX_VALUE + "]", "[end]");
      assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);
    }
  }

  @Test
  void aStopWithASavepointLeavesWhatIsInFlightToTheSavepoint() {
    for (boolean atEnd : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, true, 5, 0, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a"));
      if (atEnd) {
        bench.send(0, new EndOfInput());
      }
      bench.send(0, new Barrier(4, new Purpose(Purpose.Kind.STOP, "dir")));
      bench.settle();
      assertThat(bench.received(0)).containsExactly("[barrier 4]");
      assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);

      own.asked.get(0).answer();
      bench.settle();
      assertThat(bench.received(0)).isEmpty();

      bench.task().receive(new TaskCommand.Completed(4, true));
      assertThat(bench.settle()).isEqualTo(Progress.DONE);
      assertThat(bench.said(TaskEvent.Ended.class)).hasSize(1);
    }
  }

  @Test
  void onlyTheFirstCompletionCounts() {
    var bench = ordered(5).send(0, Bench.batch("a"));
    bench.settle();
    ResultFuture<Object> future = outside.asked.get(0).future();
    var results = new ArrayList<Object>(List.of("x", "y"));
    future.complete(results);
    results.clear();
    future.complete(List.of("second"));
    future.completeExceptionally(new IOException("third"));
    bench.settle();
    future.complete(List.of("fourth"));
    bench.settle();
    assertThat(bench.received(0)).containsExactly("x", "y");
  }

  @Test
  void anAnswerMayBeEmpty() {
    var bench = ordered(1).send(0, Bench.batch("a", "b"));
    bench.settle();
    outside.asked.get(0).future().complete(List.of());
    bench.settle();
    outside.asked.get(1).answer();
    bench.settle();
    assertThat(bench.received(0)).containsExactly("b!");
  }

  @Test
  void anErrorFailsTheTaskByItsOwnName() {
    var bench = unordered(5).send(0, Bench.batch("a"));
    bench.settle();
    outside.asked.get(0).future().completeExceptionally(new IOException("gone"));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
    assertThat(Outside.failure(bench).operator()).isEqualTo("ask");
    assertThat(Outside.failure(bench).cause()).isInstanceOf(IOException.class).hasMessage("gone");
  }

  @Test
  void nullIsNoAnswer() {
    var bench = unordered(5).send(0, Bench.batch("a"));
    bench.settle();
    outside.asked.get(0).future().complete(null);
    bench.settle();
    assertThat(Outside.failure(bench).cause())
        .hasMessageContaining("completed a request with null");

    var own = new Outside();
    var other = bench(own, true, 5, 0, ONCE, TaskBlueprint.Restored.NOTHING);
    other.send(0, Bench.batch("a")).settle();
    own.asked.get(0).future().completeExceptionally(null);
    other.settle();
    assertThat(Outside.failure(other).cause()).hasMessageContaining("exceptionally with null");
  }

  /** As a view on what a client has not fetched yet. */
  @Test
  void anAnswerThatFailsAsItIsReadFailsTheRequest() {
    for (int size : List.of(1, 2)) {
      var own = new Outside();
      var bench = bench(own, true, 5, 100, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a")).settle();
      own.asked
          .get(0)
          .future()
          .complete(
              new AbstractList<>() {
                @Override
                public Object get(int index) {
                  throw new IllegalStateException("connection reset");
                }

                @Override
                public int size() {
                  return size;
                }
              });
      assertThat(bench.settle()).isEqualTo(Progress.DONE);
      assertThat(Outside.failure(bench).cause()).hasMessage("connection reset");
    }
  }

  @Test
  void anErrorOfAForeignThreadDoesNotEndTheProcess() {
    var bench = unordered(5).send(0, Bench.batch("a"));
    bench.settle();
    outside.asked.get(0).future().completeExceptionally(new OutOfMemoryError("elsewhere"));
    bench.settle();
    assertThat(Outside.failure(bench).cause()).hasRootCauseInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void answersAfterTheEndChangeNothing() {
    for (boolean cancel : List.of(true, false)) {
      var own = new Outside();
      var bench = bench(own, false, 5, 10, ONCE, TaskBlueprint.Restored.NOTHING);
      bench.send(0, Bench.batch("a", "b"));
      bench.settle();
      if (cancel) {
        bench.task().receive(new TaskCommand.Cancel());
      } else {
        own.asked.get(1).future().completeExceptionally(new IOException("gone"));
      }
      assertThat(bench.settle()).isEqualTo(Progress.DONE);
      own.asked.get(0).answer();
      bench.now += 100;
      assertThat(bench.step(100)).isEqualTo(Progress.DONE);
      bench.task().close();
      assertThat(bench.received(0)).isEmpty();
      assertThat(bench.events)
          .noneMatch(event -> cancel && event instanceof TaskEvent.Failed)
          .noneMatch(event -> !cancel && event instanceof TaskEvent.Ended);
    }
  }

  /** Any order of answers, barriers and crashes: each record is answered once, in its place. */
  @Test
  void keepsItsPromisesInAnyOrderOfAnswersBarriersAndCrashes() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      var chance = new SplittableRandom(seed);
      boolean ordered = chance.nextBoolean();
      List<String> emitted = new ArrayList<>();
      List<String> durable = new ArrayList<>();
      var restored = TaskBlueprint.Restored.NOTHING;
      int next = 0;
      int durableNext = 0;
      long barrier = 0;
      var sentBefore = new TreeMap<Long, Integer>();
      for (int life = 0; life < 4; life++) {
        var own = new Outside();
        int capacity = 1 + chance.nextInt(5);
        Bench bench = bench(own, ordered, capacity, 0, ONCE, restored);
        bench.set("exchange.batch.records", "" + (1 + chance.nextInt(4)));
        emitted = new ArrayList<>(durable);
        next = durableNext;
        List<Question> open = own.asked;
        int steps = life < 3 ? 40 : 4_000;
        for (int step = 0;
            step < steps && !(life == 3 && next == 60 && emitted.size() == 60);
            step++) {
          switch (chance.nextInt(4)) {
            case 0 -> {
              if (next < 60) {
                bench.send(0, Bench.batch("r" + next++));
                bench.send(0, new Watermark(next / 7));
              }
            }
            case 1 -> {
              if (!open.isEmpty()) {
                open.remove(chance.nextInt(open.size())).answer();
              }
            }
            case 2 -> {
              if (chance.nextInt(4) == 0) {
                bench.send(0, new Barrier(++barrier));
                sentBefore.put(barrier, next);
              }
            }
            default -> bench.step(1 + chance.nextInt(5));
          }
          bench.settle();
          List<TaskEvent.Cut> cuts = bench.said(TaskEvent.Cut.class);
          for (String each : bench.received(0)) {
            if (each.startsWith("[barrier")) {
              durable = new ArrayList<>(emitted);
            } else if (!each.startsWith("[")) {
              emitted.add(each);
            }
          }
          if (!cuts.isEmpty()) {
            restored = restored(bench, cuts.size() - 1);
            durableNext = sentBefore.get(cuts.get(cuts.size() - 1).checkpoint());
            bench.events.clear();
          }
        }
      }
      Collection<String> expected = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        expected.add("r" + i + "!");
      }
      if (ordered) {
        assertThat(emitted).as("seed %d", seed).containsExactlyElementsOf(expected);
      } else {
        assertThat(emitted).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }
}
