package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryStrategies;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.operator.async.AsyncFactory;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An answer from another thread may come after the task has looked for any and before it cuts. */
class AnsweredAtTheBarrierTest {
  private static final List<String> ASKED = new ArrayList<>();

  private static final class AtOnce implements AsyncFunction<String, String> {
    @Override
    public void asyncInvoke(String input, ResultFuture<String> answer) {
      ASKED.add(input);
      answer.complete(List.of(input + "!"));
    }
  }

  @Test
  void whatIsAnsweredButNotEmittedIsAskedForAgain() throws Exception {
    for (boolean ordered : List.of(true, false)) {
      ASKED.clear();
      var factory =
          new AsyncFactory<>(
              new AtOnce(),
              AsyncRetryStrategies.<String>noRetry(),
              TypeInformation.of(String.class),
              0,
              10,
              ordered);
      var bench = new WindowBench<>(factory, input -> "key", String.class);
      bench.take("a", 1).take("b", 2);

      bench.restoreAfter(() -> {});
      bench.take("c", 3).take("d", 4).take("e", 5);

      // One is asked for with each record that comes, in the order of the records.
      assertThat(ASKED).containsExactly("a", "b", "a", "b", "c");
    }
  }
}
