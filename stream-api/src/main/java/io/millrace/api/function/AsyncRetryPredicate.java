package io.millrace.api.function;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which answers are no answers.
 *
 * @param <O> records that answers consist of
 */
public interface AsyncRetryPredicate<O> {
  /** Of these results; empty: all results are answers. */
  Optional<Predicate<Collection<O>>> resultPredicate();

  /** Of these errors; empty: each error fails the job. */
  Optional<Predicate<Throwable>> exceptionPredicate();
}
