package io.millrace.yarn;

import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.UserProgram;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a main() beside the JobManager that runs its jobs: the first, or, after a failure of
 * the JobManager, another one, unless main() had come to its end. Says how it ended, once.
 */
final class ProgramRun {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramRun.class);
  private static final long PAUSE_MILLIS = 200;

  private final ProgramExecutor.Cluster cluster;
  private final ClusterClient client;
  private final List<String> arguments;
  private final Callable<UserProgram> opening;
  private final Leaving leaving;

  /**
   * @param opening finds the program; what it throws ends the run
   * @param leaving told that main() is ending the JVM
   */
  ProgramRun(
      ProgramExecutor.Cluster cluster,
      ClusterClient client,
      List<String> arguments,
      Callable<UserProgram> opening,
      Leaving leaving) {
    this.cluster = cluster;
    this.client = client;
    this.arguments = List.copyOf(arguments);
    this.opening = opening;
    this.leaving = leaving;
  }

  /** The process, which main() is ending. */
  interface Leaving {
    /** From now on nothing but a halt ends it. */
    void begin();

    /** Ends it, a little later, unless the cluster comes to its end before. */
    void halt() throws InterruptedException;
  }

  /** How main() ended. */
  private record End(JobStatus status, String reason) {}

  /** Returns once its end is durable. */
  void run() throws InterruptedException {
    ClientAnswer.Program known = untilAnswered(client::program);
    if (known.ended().isPresent()) {
      LOG.info("main() had ended {} and is not run again", known.ended().get());
      return;
    }
    if (!known.jobs().isEmpty()) {
      LOG.info("main() runs again; it had submitted {} jobs", known.jobs().size());
    }
    End end = runMain(known);
    LOG.info("main() has ended: {} {}", end.status(), end.reason());
    tell(end);
  }

  private void tell(End end) throws InterruptedException {
    untilAnswered(
        () -> {
          client.endProgram(end.status(), end.reason());
          return true;
        });
  }

  private End runMain(ClientAnswer.Program known) {
    UserProgram program;
    try {
      program = opening.call();
    } catch (Exception | LinkageError e) {
      LOG.error("The program cannot be loaded", e);
      return failed("the program cannot be loaded: " + e.getMessage());
    }
    var executor = new ProgramExecutor(cluster, client, program.loader(), known.jobs());
    var hook = new Thread(new Exit(Thread.currentThread(), program), "program-exit");
    Runtime.getRuntime().addShutdownHook(hook);
    Throwable thrown = null;
    ExecutionDoor.Installed installed = ExecutionDoor.install(executor);
    try {
      program.run(arguments);
    } catch (VirtualMachineError e) {
      throw e; // of the process, not of the program
    } catch (Throwable e) {
      thrown = e;
    } finally {
      installed.close();
      over(hook);
    }
    return judge(program, executor, thrown);
  }

  private static void over(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("The JVM ends already");
    }
  }

  private static End judge(UserProgram program, ProgramExecutor executor, Throwable thrown) {
    if (executor.refusal().isPresent()) {
      // Also if the program has caught it: a job that it wanted does not run.
      return failed(executor.refusal().get().getMessage());
    }
    if (thrown != null) {
      LOG.error("main() of {} has thrown", program.mainClass(), thrown);
      return ofThrown(program, thrown);
    }
    if (executor.submitted() == 0) {
      return failed(
          "The program didn't contain a Millrace job: "
              + program.mainClass()
              + " ended without calling execute() on its StreamExecutionEnvironment; add the call");
    }
    if (executor.hasLeftOut()) {
      return failed(
          "main() has run again after a failure of its JobManager, and has ended without a job that"
              + " it had submitted before; it must build the same jobs in the same order in every"
              + " run");
    }
    return new End(JobStatus.FINISHED, "");
  }

  private static End ofThrown(UserProgram program, Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof JobFailedException job) {
        return new End(
            job.cancelled() ? JobStatus.CANCELED : JobStatus.FAILED, oneLine(job.getMessage()));
      }
    }
    return failed(
        "The program finished with the following exception: "
            + oneLine(thrown.toString())
            + program.place(thrown.getStackTrace()));
  }

  private static End failed(String reason) {
    return new End(JobStatus.FAILED, oneLine(reason));
  }

  private static String oneLine(String text) {
    return String.valueOf(text).replace('\n', ' ').replace('\r', ' ');
  }

  /**
   * As long as it takes: before the jobs of an earlier JobManager are known, and while HDFS is out
   * of reach, there is no answer.
   */
  private static <T> T untilAnswered(Callable<T> question) throws InterruptedException {
    while (true) {
      try {
        return question.call();
      } catch (InterruptedException e) {
        throw e;
      } catch (IOException e) {
        LOG.warn("The JobManager does not answer yet: {}", e.getMessage());
        Thread.sleep(PAUSE_MILLIS);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * What to do when main() ends the JVM. The code that it gave cannot be known, and its JobManager
   * goes with it; so that is a failure, and durable before the process is gone: the next JobManager
   * does not run main() again, and sees to jobs that still run.
   */
  private final class Exit implements Runnable {
    private final Thread main;
    private final UserProgram program;

    Exit(Thread main, UserProgram program) {
      this.main = main;
      this.program = program;
    }

    @Override
    public void run() {
      // The thread that ends the JVM stays in its call meanwhile.
      for (var entry : Thread.getAllStackTraces().entrySet()) {
        StackTraceElement[] frames = entry.getValue();
        boolean isPrograms =
            entry.getKey() == main || entry.getKey().getContextClassLoader() == program.loader();
        if (isPrograms && exits(frames)) {
          leaving.begin();
          try {
            tell(
                failed(
                    program.mainClass()
                        + " called System.exit"
                        + program.place(frames)
                        + "; main() runs in the JobManager's process here: let it return, or throw"
                        + " if it has failed"));
            leaving.halt();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return;
        }
      }
    }

    private static boolean exits(StackTraceElement[] frames) {
      for (StackTraceElement frame : frames) {
        if (frame.getClassName().equals("java.lang.Runtime")
            && frame.getMethodName().equals("exit")) {
          return true;
        }
      }
      return false;
    }
  }
}
