package io.millrace.cli;

import io.millrace.yarn.YarnDeployer;
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
 * @param lib its folder of jars
 * @param logConfiguration of the containers
 */
record Distribution(Path lib, Optional<Path> logConfiguration) {
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
    return new Distribution(lib, Optional.of(log).filter(Files::isRegularFile));
  }

  /**
   * What containers need.
   *
   * @param further jars beyond those that all need
   */
  YarnDeployer.Equipment equipment(List<Path> further) {
    return new YarnDeployer.Equipment(jars(lib), further, logConfiguration);
  }

  /** Those of RocksDB, which is large, for jobs that keep their state in it. */
  List<Path> stateBackend(String type) {
    if (!type.equals("rocksdb")) {
      return List.of();
    }
    Path folder = lib.resolve("rocksdb");
    List<Path> rocksdb = Files.isDirectory(folder) ? jars(folder) : List.of();
    if (rocksdb.isEmpty()) {
      throw new CommandException(
          "state.backend.type is rocksdb, but there is no jar in "
              + folder
              + "; put rocksdbjni there, or set state.backend.type: hashmap");
    }
    return rocksdb;
  }

  private static List<Path> jars(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new CommandException("cannot list " + folder + ": " + e.getMessage(), 31);
    }
  }
}
