package io.millrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The unpacked product that this command belongs to.
 *
 * @param engine jars that containers need
 * @param logConfiguration of the containers
 */
record Distribution(List<Path> engine, Optional<Path> logConfiguration) {
  Distribution {
    engine = List.copyOf(engine);
  }

  static Distribution find(Map<String, String> environment) {
    String home = environment.getOrDefault("MILLRACE_HOME", "");
    Path lib = Path.of(home, "lib");
    if (home.isBlank() || !Files.isDirectory(lib)) {
      throw new CommandException(
          "the jars of Millrace are not at MILLRACE_HOME="
              + home
              + "; start bin/millrace of an unpacked distribution",
          31);
    }
    String chosen = environment.getOrDefault("MILLRACE_CONF_DIR", "");
    Path conf = chosen.isBlank() ? Path.of(home, "conf") : Path.of(chosen);
    Path log = conf.resolve("log4j2.properties");
    try (Stream<Path> files = Files.list(lib)) {
      return new Distribution(
          files.filter(file -> file.toString().endsWith(".jar")).sorted().toList(),
          Optional.of(log).filter(Files::isRegularFile));
    } catch (IOException e) {
      throw new CommandException("cannot list " + lib + ": " + e.getMessage(), 31);
    }
  }
}
