package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.MapFunction;
import java.lang.reflect.Method;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A test of a job that forgets must fail, in JUnit itself. */
class FailingSimTestTest {
  private static final int LIVES = 30;

  /** Stands between JUnit and the lives, and keeps what JUnit would hear. */
  private static final class Catches implements InvocationInterceptor {
    private final TreeMap<String, String> failures = new TreeMap<>();
    private int lives;

    @Override
    public void interceptTestTemplateMethod(
        Invocation<Void> invocation,
        ReflectiveInvocationContext<Method> method,
        ExtensionContext context)
        throws Throwable {
      lives++;
      try {
        invocation.proceed();
      } catch (SimulationFailure e) {
        failures.put(context.getDisplayName(), e.getMessage());
      }
    }
  }

  @RegisterExtension static final Catches CATCHES = new Catches();

  /** Numbers what it sees and forgets how far it was. */
  private static final class Forgetful implements MapFunction<Long, String> {
    private long seen;

    @Override
    public String map(Long value) {
      return "number " + seen++;
    }
  }

  @SimTest(seeds = LIVES)
  void numbersAreExact(SimulatedJob job) {
    job.env().fromSequence(1, 300).map(new Forgetful()).sinkTo(job.sink());
  }

  /** Each under the name of its seed, which it says how to repeat. */
  @AfterAll
  static void someLivesHaveFailed() {
    assertThat(CATCHES.lives).isEqualTo(LIVES);
    assertThat(CATCHES.failures).isNotEmpty();
    CATCHES.failures.forEach(
        (name, message) ->
            assertThat(message)
                .contains("are missing")
                .contains("@SimTest(" + name.replace("seed ", "seed = ") + ")"));
  }
}
