package io.millrace.cli;

import io.millrace.runtime.client.ForgottenClusterException;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * How long a command waits for a cluster of which nothing is heard, or of which YARN says that it
 * knows nothing. Times are those of a clock that never goes back.
 */
final class Patience {
  private static final Duration LOST_AFTER = Duration.ofMinutes(5);

  /** In which a ResourceManager that has just started may yet remember. */
  private static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(30);

  private final String cluster;
  private final String unknown;

  /** The first time that anybody looked counts as one. */
  private OptionalLong lastWord = OptionalLong.empty();

  /** Since when YARN has said that it does not know the cluster. */
  private OptionalLong forgotten = OptionalLong.empty();

  /**
   * @param unknown what is not known of a cluster that does not answer
   */
  Patience(String cluster, String unknown) {
    this.cluster = cluster;
    this.unknown = unknown;
  }

  /** Somebody is asked. */
  void asks(long nanos) {
    if (lastWord.isEmpty()) {
      lastWord = OptionalLong.of(nanos);
    }
  }

  /** Its JobManager has answered, whatever YARN says. */
  void heard(long nanos) {
    lastWord = OptionalLong.of(nanos);
  }

  /** YARN knows it. */
  void known(long nanos) {
    heard(nanos);
    forgotten = OptionalLong.empty();
  }

  /**
   * Nobody has answered, or YARN that it does not know the cluster.
   *
   * @throws CommandException if that has lasted too long
   */
  void unheard(IOException answer, long nanos) {
    asks(nanos);
    if (!(answer instanceof ForgottenClusterException)) {
      forgotten = OptionalLong.empty();
    } else if (forgotten.isEmpty()) {
      forgotten = OptionalLong.of(nanos);
    } else if (nanos - forgotten.getAsLong() >= FORGOTTEN_AFTER.toNanos()) {
      throw new CommandException(answer.getMessage());
    }
    if (nanos - lastWord.getAsLong() > LOST_AFTER.toNanos()) {
      throw new CommandException(
          cluster
              + " has not answered for "
              + LOST_AFTER.toMinutes()
              + " minutes; "
              + unknown
              + " is not known: "
              + answer.getMessage());
    }
  }
}
