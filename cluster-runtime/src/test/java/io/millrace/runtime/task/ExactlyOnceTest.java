package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.runtime.task.Programs.Numbers;
import io.millrace.runtime.task.Programs.Shelf;
import io.millrace.runtime.task.Programs.ShelfSink;
import io.millrace.runtime.task.Programs.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole jobs, stepped by hand. */
class ExactlyOnceTest {
  private static final int NUMBERS = 60;
  private static final int KEYS = 7;

  @Test
  void runsAJobFromSourceToSink() throws Exception {
    var shelf = new Shelf();
    var flow = new Flow(wordCount(shelf), 1, null);

    flow.finish(1, 100);

    assertThat(shelf.lines).containsExactlyInAnyOrderElementsOf(expected());
  }

  /** How long barriers wait before they overtake, in ms; those of the first never do. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 8})
  void survivesACrashAfterAnyStep(int timeout) throws Exception {
    int steps = stepsOfOneRun(timeout);
    assertThat(steps).isGreaterThan(100);
    for (int crashAt = 0; crashAt < steps; crashAt++) {
      var shelf = new Shelf();
      Flow.Job job = unaligned(wordCount(shelf), timeout);
      var flow = new Flow(job, 1, null);
      stepInTurn(flow, crashAt);

      var restored = new Flow(job, 2, flow.completed);
      restored.finish(1_000, 10);

      assertThat(shelf.lines)
          .as("after a crash behind step %d", crashAt)
          .containsExactlyInAnyOrderElementsOf(expected());
    }
  }

  private static int stepsOfOneRun(int timeout) throws Exception {
    var flow = new Flow(unaligned(wordCount(new Shelf()), timeout), 1, null);
    int steps = stepInTurn(flow, Integer.MAX_VALUE);
    assertThat(flow.channelsInFlight > 0).as("something was overtaken").isEqualTo(timeout >= 0);
    return steps;
  }

  private static Flow.Job unaligned(Flow.Job job, int timeout) {
    return timeout < 0
        ? job
        : job.set("execution.checkpointing.unaligned.enabled", "true")
            .set("execution.checkpointing.aligned-checkpoint-timeout", timeout + " ms");
  }

  /** Steps the tasks in turn, with a checkpoint now and then; at most so many steps. */
  private static int stepInTurn(Flow flow, int limit) throws Exception {
    long checkpoint = 0;
    boolean finalOne = false;
    for (int step = 0; step < limit; step++) {
      flow.now++;
      flow.step(flow.tasks.get(step % flow.tasks.size()), 2);
      boolean open = checkpoint > 0 && flow.completedUpTo() < checkpoint;
      if (!open && step % 40 == 0 && !finalOne) {
        if (checkpoint > 0) {
          flow.tell(new TaskCommand.Completed(checkpoint, false));
        }
        finalOne = flow.all(running -> running.endOfData);
        flow.tell(new TaskCommand.Trigger(++checkpoint));
      } else if (!open && finalOne) {
        flow.tell(new TaskCommand.Completed(checkpoint, true));
        if (flow.all(running -> running.ended)) {
          return step;
        }
      }
    }
    return limit;
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 8})
  void keepsItsPromisesInAnyOrderOfStepsAbortsAndCrashes(int timeout) throws Exception {
    int inFlight = 0;
    for (int seed = 0; seed < 200; seed++) {
      var shelf = new Shelf();
      boolean counts = seed % 2 == 0;
      Flow.Job job = unaligned(counts ? wordCount(shelf) : copy(shelf), timeout);
      try {
        inFlight += runWithCrashes(job, new SplittableRandom(seed));
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
      assertThat(shelf.lines)
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(counts ? expected() : numbers());
    }
    assertThat(inFlight > 0).as("something in flight was restored").isEqualTo(timeout >= 0);
  }

  /** Runs it to its end; how many channels were restored with something in flight. */
  private static int runWithCrashes(Flow.Job job, SplittableRandom random) throws Exception {
    int inFlight = 0;
    long checkpoint = 0;
    Flow.Saved restored = null;
    int crashes = random.nextInt(4);
    for (int generation = 1; generation <= crashes; generation++) {
      var flow = new Flow(job, generation, restored);
      int steps = random.nextInt(400);
      long told = 0;
      for (int i = 0; i < steps; i++) {
        flow.now += random.nextInt(4);
        flow.step(flow.tasks.get(random.nextInt(flow.tasks.size())), 1 + random.nextInt(6));
        int chance = random.nextInt(30);
        if (chance == 0) {
          flow.tell(new TaskCommand.Trigger(++checkpoint));
        } else if (chance == 1 && flow.completedUpTo() < checkpoint) {
          flow.tell(new TaskCommand.Aborted(checkpoint));
          flow.giveUp(checkpoint);
        } else if (chance < 4 && flow.completedUpTo() > told) {
          told = flow.completedUpTo();
          flow.tell(new TaskCommand.Completed(told, false));
        }
      }
      restored = flow.completed != null ? flow.completed : restored;
      inFlight += restored == null ? 0 : restored.inFlight().size();
    }
    new Flow(job, crashes + 1, restored).finish(checkpoint + 1, 1 + random.nextInt(10));
    return inFlight;
  }

  /** Every number to a sink, by way of another subtask. */
  private static Flow.Job copy(Shelf shelf) {
    return new Flow.Job()
        .set("exchange.batch.records", "3")
        .source("numbers", 2, new Numbers(NUMBERS, 7))
        .vertex("sink", Role.SINK, 3, new ShelfSink(shelf))
        .edge("numbers", "sink", Partitioning.REBALANCE, Long.class);
  }

  private static List<String> numbers() {
    return LongStream.range(0, NUMBERS).mapToObj(String::valueOf).toList();
  }

  private static Flow.Job wordCount(Shelf shelf) {
    return new Flow.Job()
        .set("exchange.batch.records", "4")
        .source("numbers", 2, new Numbers(NUMBERS, 5))
        .vertex("word", Role.OPERATOR, 2, word())
        .vertex("count", Role.OPERATOR, 2, count())
        .vertex("sink", Role.SINK, 2, new ShelfSink(shelf))
        .edge("numbers", "word", Partitioning.FORWARD, Long.class)
        .keyed("word", "count", String.class, value -> value)
        .edge("count", "sink", Partitioning.FORWARD, Word.class);
  }

  private static OperatorFactory<Object, Object> word() {
    return () -> Programs.map(value -> "w" + (Long) value % KEYS);
  }

  private static OperatorFactory<Object, Object> count() {
    return Programs::countAtEnd;
  }

  private static List<String> expected() {
    var lines = new ArrayList<String>();
    for (int key = 0; key < KEYS; key++) {
      lines.add(new Word("w" + key, (NUMBERS + KEYS - 1 - key) / KEYS).toString());
    }
    return lines;
  }
}
