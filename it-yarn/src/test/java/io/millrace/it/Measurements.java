package io.millrace.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Figures that tests come across, kept in {@code it-yarn/target/measurements.txt}. */
final class Measurements {
  private Measurements() {}

  static void note(String what, Object value) throws IOException {
    String line = "measured: " + what + ": " + value;
    System.out.println(line);
    Path file = Repository.root().resolve("it-yarn/target/measurements.txt");
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
