package io.millrace.runtime.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of cuts that could not be flushed. */
class SinkOperatorTest {
  private boolean away;
  private boolean breaksOff;
  private boolean recalls = true;

  /** Writes words, each cut as one text. */
  private final class Words implements SinkWriter<Object> {
    private final ArrayDeque<String> cut = new ArrayDeque<>();
    private String current = "";

    @Override
    public void write(Object value, long timestamp) {
      current += value;
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      String words = current;
      cut.add(words);
      current = "";
      return () -> {
        if (breaksOff) {
          throw new AssertionError("in the middle");
        }
        if (away) {
          throw new RetryLaterException("away", null);
        }
        return List.of(words.getBytes(UTF_8));
      };
    }

    @Override
    public boolean recall(long checkpoint) {
      if (recalls) {
        current = cut.removeLast() + current;
      }
      return recalls;
    }
  }

  private final SinkOperator operator =
      new SinkOperator(
          new Sink<>() {
            @Override
            public SinkWriter<Object> writer(WriterContext context) {
              return new Words();
            }
          });

  /** Nobody is restored from anything, and the sink does not look. */
  private static final OperatorContext CONTEXT =
      (OperatorContext)
          Proxy.newProxyInstance(
              SinkOperatorTest.class.getClassLoader(),
              new Class<?>[] {OperatorContext.class},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "restoredCommittables" -> List.of();
                    case "subtask" -> 0;
                    case "parallelism" -> 1;
                    case "userClassLoader" -> SinkOperatorTest.class.getClassLoader();
                    default -> "any";
                  });

  @BeforeEach
  void open() throws Exception {
    operator.open(CONTEXT, null);
  }

  private Frozen snapshot(String word, long checkpoint) throws Exception {
    operator.process(word, 0);
    return operator.snapshot(checkpoint);
  }

  private static List<String> shown(Frozen frozen) throws Exception {
    var all = new ArrayList<String>();
    for (Committable each : frozen.take().committables()) {
      all.add(each.checkpoint() + new String(each.bytes(), UTF_8));
    }
    frozen.discard();
    return all;
  }

  private static void fails(Frozen frozen) {
    assertThatThrownBy(() -> shown(frozen)).isInstanceOf(RetryLaterException.class);
    frozen.discard();
  }

  @Test
  void whatCouldNotBeFlushedIsPartOfTheNextCut() throws Exception {
    assertThat(shown(snapshot("a", 1))).containsExactly("1a");
    away = true;
    fails(snapshot("b", 2));
    fails(snapshot("c", 3));
    away = false;
    assertThat(shown(snapshot("d", 4))).containsExactly("1a", "4bcd");
  }

  @Test
  void aSnapshotThatMayStillBeFlushedKeepsItsCut() throws Exception {
    Frozen slow = snapshot("a", 1);
    Frozen after = snapshot("b", 2);
    away = true;
    fails(after);
    Frozen third = snapshot("c", 3);
    away = false;
    assertThat(shown(slow)).containsExactly("1a");
    assertThat(shown(third)).containsExactly("1a", "3bc");
  }

  @Test
  void aCutBehindOneThatMayStillBeFlushedStays() throws Exception {
    away = true;
    fails(snapshot("a", 1));
    recalls = false;
    Frozen slow = snapshot("b", 2);
    recalls = true;
    Frozen third = snapshot("c", 3);
    away = false;
    assertThat(shown(slow)).containsExactly("1a", "2b");
    assertThat(shown(third)).containsExactly("1a", "2b", "3c");
  }

  @Test
  void whatNobodyHasAskedForIsPartOfTheNextCut() throws Exception {
    snapshot("a", 1).discard();
    assertThat(shown(snapshot("b", 2))).containsExactly("2ab");
  }

  @Test
  void aFlushThatBrokeOffIsAskedAgainAndNotTakenBack() throws Exception {
    Frozen first = snapshot("a", 1);
    breaksOff = true;
    assertThatThrownBy(() -> shown(first)).isInstanceOf(AssertionError.class);
    first.discard();
    breaksOff = false;
    assertThat(shown(snapshot("b", 2))).containsExactly("1a", "2b");
  }

  @Test
  void whatWasTakenBackIsNeverFlushedByItself() throws Exception {
    Frozen first = snapshot("a", 1);
    first.discard();
    assertThat(shown(snapshot("b", 2))).containsExactly("2ab");
    fails(first);
  }

  @Test
  void aWriterMayKeepItsCuts() throws Exception {
    recalls = false;
    away = true;
    fails(snapshot("a", 1));
    fails(snapshot("b", 2));
    away = false;
    assertThat(shown(snapshot("c", 3))).containsExactly("1a", "2b", "3c");
  }

  @Test
  void aCutThatWasFlushedStaysThoughItsSnapshotFailed() throws Exception {
    away = true;
    fails(snapshot("a", 1));
    recalls = false;
    Frozen second = snapshot("b", 2);
    recalls = true;
    away = false;
    assertThat(shown(second)).containsExactly("1a", "2b");
    assertThat(shown(snapshot("c", 3))).containsExactly("1a", "2b", "3c");
  }
}
