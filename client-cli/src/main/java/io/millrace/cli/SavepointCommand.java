package io.millrace.cli;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.DeployRefusedException;
import java.util.Optional;

/** {@code millrace savepoint}: returns once the savepoint is whole; the job goes on. */
final class SavepointCommand {
  private final Console console;
  private final Configuration configuration;
  private final Words words;

  SavepointCommand(Console console, Configuration configuration, Words words) {
    this.console = console;
    this.configuration = configuration;
    this.words = words;
  }

  int run() throws DeployRefusedException {
    JobId job = SavepointErrand.job("savepoint", words.rest(), 2);
    Optional<String> folder = words.rest().stream().skip(1).findFirst();
    return new SavepointErrand(console, configuration, words).take(job, folder);
  }
}
