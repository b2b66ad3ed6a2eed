package io.millrace.cli;

import io.millrace.cli.Flag.Meaning;
import io.millrace.cli.migrate.Migration;
import java.io.IOException;
import java.nio.file.Path;

/**
 * {@code millrace migrate}: rewrites the names in a program for Flink's DataStream API to
 * Millrace's counterparts, and lists what has none.
 */
final class MigrateCommand {
  private final Console console;
  private final Words words;

  MigrateCommand(Console console, Words words) {
    this.console = console;
    this.words = words;
  }

  int run() {
    if (words.rest().size() != 1) {
      throw new CommandException(
          "migrate takes one folder, found " + words.rest().size() + " (millrace migrate -h)");
    }
    Path backup = words.last(Meaning.BACKUP).map(given -> Path.of(given.argument())).orElse(null);
    try {
      int left =
          Migration.run(
              Path.of(words.rest().get(0)), words.has(Meaning.DRY_RUN), backup, console::say);
      return left == 0 ? 0 : 1;
    } catch (Migration.RefusedException e) {
      throw new CommandException(e.getMessage());
    } catch (IOException e) {
      throw new CommandException("cannot migrate: " + e);
    }
  }
}
