package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Check.BrokenInvariantError;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why and how a process ends; the first reason counts.
 *
 * @param code to exit with: 0 if it was told to end, {@link #BROKEN} if it cannot go on
 * @param reason for the log and for whoever asks what happened
 */
public record ProcessEnd(int code, String reason) {
  /** An invariant does not hold, or memory is out. */
  public static final int BROKEN = 70;

  /** Something that ends, once. */
  static final class Awaited {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessEnd.class);

    private final CompletableFuture<ProcessEnd> end = new CompletableFuture<>();

    void ordered(String reason) {
      if (end.complete(new ProcessEnd(0, reason))) {
        LOG.info("This process ends: {}", reason);
      }
    }

    void broken(Throwable failure) {
      if (end.complete(new ProcessEnd(BROKEN, failure.toString()))) {
        LOG.error("This process cannot go on and ends with code {}", BROKEN, failure);
      }
    }

    /** Lets what nobody else catches end this process, if it is about more than one thread. */
    void watchThreads() {
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, failure) -> {
            if (failure instanceof VirtualMachineError || failure instanceof BrokenInvariantError) {
              broken(failure);
            } else {
              LOG.error("Thread {} has ended", thread.getName(), failure);
            }
          });
    }

    ProcessEnd await() throws InterruptedException {
      try {
        return end.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("an end is never completed with a failure", e);
      }
    }
  }
}
