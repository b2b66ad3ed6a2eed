package io.millrace.api.executor;

import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Where {@code env.execute} finds its executor: the one that was installed for the calling thread
 * (and threads that it starts), else the one of highest priority that ServiceLoader finds.
 *
 * <p>The command line installs its own around a program's {@code main}, so that the same program
 * runs in an IDE and on a cluster:
 *
 * <pre>{@code
 * try (var open = ExecutionDoor.install(executor)) {
 *   main.invoke(null, (Object) arguments);
 * }
 * }</pre>
 */
public final class ExecutionDoor {
  // Per thread, so that two programs in one JVM (tests) do not see each other's executor.
  private static final InheritableThreadLocal<JobExecutor> INSTALLED =
      new InheritableThreadLocal<>();

  /** Until the result is closed, jobs of this thread go to this executor. */
  public static Installed install(JobExecutor executor) {
    JobExecutor before = INSTALLED.get();
    INSTALLED.set(executor);
    return () -> INSTALLED.set(before);
  }

  /**
   * @throws IllegalStateException naming the missing jar if there is none
   */
  public static JobExecutor executor() {
    return find()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no executor is on the classpath: add millrace-cluster-runtime to run the"
                        + " program in this JVM, or start it with bin/millrace run"));
  }

  /** Like {@link #executor()}, empty if there is none. */
  public static Optional<JobExecutor> find() {
    JobExecutor best = INSTALLED.get();
    if (best != null) {
      return Optional.of(best);
    }
    for (JobExecutor each : ServiceLoader.load(JobExecutor.class, loader())) {
      if (best == null || each.priority() > best.priority()) {
        best = each;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * The connector behind {@code readTextFile} and {@code writeAsText}.
   *
   * @throws IllegalStateException naming the missing jar if there is none
   */
  public static FileConnector files() {
    return ServiceLoader.load(FileConnector.class, loader())
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "text files need millrace-connector-files on the classpath, and Hadoop's client"
                        + " with it"));
  }

  /** Where the classes of the calling program come from. */
  public static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context != null ? context : ExecutionDoor.class.getClassLoader();
  }

  /** Takes the executor away again. */
  public interface Installed extends AutoCloseable {
    @Override
    void close();
  }

  private ExecutionDoor() {}
}
