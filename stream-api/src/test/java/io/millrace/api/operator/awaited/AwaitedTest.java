package io.millrace.api.operator.awaited;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RuntimeContext;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class AwaitedTest {
  private record Keeps(List<Runnable> answers) implements Courier {
    @Override
    public void deliver(RuntimeContext asker, Runnable answer) {
      answers.add(answer);
    }
  }

  private static final class Told implements ResultFuture<String> {
    final List<Object> told = new ArrayList<>();

    @Override
    public void complete(Collection<String> results) {
      told.addAll(results);
    }

    @Override
    public void completeExceptionally(Throwable error) {
      told.add(error.getMessage());
    }
  }

  /** The courier does not ask who it is. */
  private static final RuntimeContext SOMEBODY =
      (RuntimeContext)
          Proxy.newProxyInstance(
              AwaitedTest.class.getClassLoader(),
              new Class<?>[] {RuntimeContext.class},
              (self, method, arguments) -> null);

  private final Keeps courier = new Keeps(new ArrayList<>());
  private final Told told = new Told();

  private Awaited<Integer, String> awaited(AsyncFunction<Integer, String> function, int millis) {
    var awaited = new Awaited<>(function, courier, millis);
    awaited.setRuntimeContext(SOMEBODY);
    return awaited;
  }

  private static class Silent implements AsyncFunction<Integer, String> {
    @Override
    public void asyncInvoke(Integer input, ResultFuture<String> future) {}
  }

  @Test
  void anAnswerOfAnotherThreadWaitsForTheCourier() throws Exception {
    AsyncFunction<Integer, String> asks =
        (input, future) -> {
          var service =
              new Thread(
                  () -> {
                    future.complete(List.of("no " + input));
                    future.complete(List.of("never"));
                  });
          service.start();
        };
    awaited(asks, Integer.MAX_VALUE).asyncInvoke(7, told);
    assertThat(told.told).isEmpty();
    courier.answers().forEach(Runnable::run);
    assertThat(told.told).containsExactly("no 7");
  }

  @Test
  void oneThatDoesNotComeNamesTheFunction() {
    assertThatThrownBy(() -> awaited(new Silent(), 1).asyncInvoke(7, told))
        .hasMessageContaining(Silent.class.getName())
        .hasMessageContaining("was not answered in 1 ms");
    assertThat(courier.answers()).isEmpty();
  }

  @Test
  void whatATimeoutSaysAtOnceCountsAtOnce() throws Exception {
    var says =
        new Silent() {
          @Override
          public void timeout(Integer input, ResultFuture<String> future) {
            future.complete(List.of("too late for " + input));
          }
        };
    awaited(says, 1).timeout(8, told);
    assertThat(told.told).containsExactly("too late for 8");
    assertThat(courier.answers()).isEmpty();
  }

  @Test
  void theCollectionOfAnAnswerMayBeUsedAgain() throws Exception {
    AsyncFunction<Integer, String> asks =
        (input, future) -> {
          var used = new ArrayList<>(List.of("no " + input));
          future.complete(used);
          used.clear();
        };
    awaited(asks, 1).asyncInvoke(7, told);
    courier.answers().forEach(Runnable::run);
    assertThat(told.told).containsExactly("no 7");
  }
}
