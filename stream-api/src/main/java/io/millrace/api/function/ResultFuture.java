package io.millrace.api.function;

import java.util.Collection;

/**
 * Where the answer to one request goes, from any thread. The first completion counts; later ones,
 * and those after the job has ended, change nothing.
 *
 * @param <O> records that answers consist of
 */
public interface ResultFuture<O> {
  /**
   * The answer: any number of records, which get the timestamp of the one that was asked about.
   *
   * @param results copied; null fails the job
   */
  void complete(Collection<O> results);

  /** There is no answer; fails the job, unless the request is to be retried. */
  void completeExceptionally(Throwable error);
}
