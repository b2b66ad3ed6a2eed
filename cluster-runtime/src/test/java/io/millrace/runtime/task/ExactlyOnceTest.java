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
import org.junit.jupiter.api.Test;

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
