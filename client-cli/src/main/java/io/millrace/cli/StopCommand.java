package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.cli.Flag.Meaning;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.DeployRefusedException;
import java.util.Optional;

/** {@code millrace stop}: returns once the job has ended with a savepoint. */
final class StopCommand {
  private final Console console;
  private final Configuration configuration;
  private final Words words;

  StopCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    JobId job = SavepointErrand.job("stop", words.rest(), 1);
    Optional<String> folder = words.last(Meaning.SAVEPOINT).map(Words.Given::argument);
    boolean drain = words.has(Meaning.DRAIN);
    return new SavepointErrand(console, configuration, words).stop(job, folder, drain);
  }
}
