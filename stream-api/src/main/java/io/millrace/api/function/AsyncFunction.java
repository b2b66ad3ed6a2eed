package io.millrace.api.function;

import java.io.Serializable;
import java.util.concurrent.TimeoutException;

/**
 * Asks something outside for each record, and goes on with the next record while the answer is on
 * its way. See {@link io.millrace.api.AsyncDataStream}.
 *
 * <p>All calls come from the task's thread and must not wait. Records must not be changed, as they
 * are part of checkpoints until they are answered: after a failure what was in flight is asked
 * again, so asking twice must do no harm.
 *
 * @param <I> records taken
 * @param <O> records that answers consist of
 */
@FunctionalInterface
public interface AsyncFunction<I, O> extends Serializable {
  /**
   * Starts a request and returns; its callback completes the future, on any thread.
   *
   * @throws Exception fails the job
   */
  void asyncInvoke(I input, ResultFuture<O> resultFuture) throws Exception;

  /**
   * There was no answer in time, retries included, and no retry follows. The first completion
   * counts: of this future, then or later and from any thread, or of the one that {@link
   * #asyncInvoke} was given last, if that is still open: the request waits for it, however late. If
   * the last try has come to something that was to be tried again, there is as much time again to
   * complete this future. After that the last try counts: its records are the answer, its error
   * fails the job. Unless overridden, a {@link TimeoutException} fails the job at once.
   */
  default void timeout(I input, ResultFuture<O> resultFuture) throws Exception {
    resultFuture.completeExceptionally(
        new TimeoutException("an asynchronous request was not answered in time"));
  }
}
