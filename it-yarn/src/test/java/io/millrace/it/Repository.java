package io.millrace.it;

import java.nio.file.Files;
import java.nio.file.Path;

/** The places of the repository that tests look at. */
final class Repository {
  private Repository() {}

  static Path root() {
    return Path.of(System.getProperty("millrace.root", System.getProperty("user.dir") + "/.."))
        .toAbsolutePath()
        .normalize();
  }

  /** The unpacked distribution. */
  static Path distribution() {
    return built(root().resolve("target/millrace"));
  }

  /** The example program's jar, as a user gets it. */
  static Path examplesJar() {
    return built(distribution().resolve("examples/millrace-examples.jar"));
  }

  static Path built(Path path) {
    if (!Files.exists(path)) {
      throw new IllegalStateException(path + " is missing; build it with `mvn package`");
    }
    return path;
  }
}
