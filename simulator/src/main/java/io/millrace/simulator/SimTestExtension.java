package io.millrace.simulator;

import java.lang.reflect.Method;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Lets a {@link SimTest} live its lives, one test for each seed. */
final class SimTestExtension implements TestTemplateInvocationContextProvider {
  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return true;
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    SimTest test = context.getRequiredTestMethod().getAnnotation(SimTest.class);
    if (test.seeds() < 1) {
      throw new IllegalArgumentException("a SimTest has at least one seed, found " + test.seeds());
    }
    LongStream seeds =
        test.seed().length > 0
            ? LongStream.of(test.seed())
            : LongStream.range(test.firstSeed(), test.firstSeed() + test.seeds());
    var reference = new Reference();
    LongFunction<TestTemplateInvocationContext> life = seed -> new Life(seed, reference);
    return seeds.mapToObj(life);
  }

  /** The life without faults, once for all others. */
  private static final class Reference {
    private UserJob.Quiet quiet;

    UserJob.Quiet of(UserJob job) {
      if (quiet == null) {
        quiet = job.liveQuietly();
      }
      return quiet;
    }
  }

  /** One seed's test. */
  private record Life(long seed, Reference reference) implements TestTemplateInvocationContext {
    @Override
    public String getDisplayName(int invocation) {
      return "seed " + seed;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(new Living(seed, reference));
    }
  }

  /** Gives the method its job, and runs that once it is built. */
  private static final class Living implements ParameterResolver, InvocationInterceptor {
    private final long seed;
    private final Reference reference;
    private final SimulatedJob job = new SimulatedJob();

    Living(long seed, Reference reference) {
      this.seed = seed;
      this.reference = reference;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SimulatedJob.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return job;
    }

    @Override
    public void interceptTestTemplateMethod(
        Invocation<Void> invocation,
        ReflectiveInvocationContext<Method> method,
        ExtensionContext context)
        throws Throwable {
      invocation.proceed();
      var user = job.built(method.getTargetClass().getClassLoader());
      user.live(seed, reference.of(user));
    }
  }
}
