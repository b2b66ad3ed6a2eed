package io.millrace.runtime.task;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryStrategies;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.async.AsyncFactory;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a task asks: remembers the questions, and leaves them open. */
class Outside implements AsyncFunction<Object, Object> {
  static final AsyncRetryStrategy<Object> ONCE = AsyncRetryStrategies.noRetry();

  /** A request that was made, and where its answer goes. */
  record Question(Object input, ResultFuture<Object> future) {
    void answer() {
      future.complete(List.of(input + "!"));
    }
  }

  final List<Question> asked = new ArrayList<>();

  @Override
  public void asyncInvoke(Object input, ResultFuture<Object> future) {
    asked.add(new Question(input, future));
  }

  List<Object> inputs() {
    return asked.stream().map(Question::input).toList();
  }

  static Bench bench(
      Outside outside,
      boolean ordered,
      int capacity,
      long timeoutMillis,
      AsyncRetryStrategy<Object> retry,
      TaskBlueprint.Restored restored) {
    TypeInformation<Object> type = TypeInformation.dynamic();
    var factory = new AsyncFactory<>(outside, retry, type, timeoutMillis, capacity, ordered);
    return new Bench().part("ask", Role.OPERATOR, factory, restored).inputs(1).output(100);
  }

  static TaskBlueprint.Restored restored(Bench bench, int cut) throws Exception {
    OperatorSnapshot own = bench.said(TaskEvent.Cut.class).get(cut).operators().get(0).own().take();
    return new TaskBlueprint.Restored(
        OptionalLong.of(1), own.entries(), own.states(), List.of(), List.of());
  }

  static TaskEvent.Failed failure(Bench bench) {
    return bench.said(TaskEvent.Failed.class).get(0);
  }
}
