package io.millrace.it;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Texts whose words are counted. */
final class Texts {
  private Texts() {}

  /** A log of real daemons where it is at hand, else the documents of the repository. */
  static List<Path> real() throws IOException {
    Path log = Repository.root().resolve("../shared/data/hdfs_2k.log").normalize();
    if (!Files.exists(log)) {
      // In a checkout beside other ones.
      log = Repository.root().resolve("../../shared/data/hdfs_2k.log").normalize();
    }
    if (Files.exists(log)) {
      return List.of(log);
    }
    try (Stream<Path> docs = Files.walk(Repository.root().resolve("docs"))) {
      return Stream.concat(
              Stream.of(Repository.root().resolve("LICENSE")),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    }
  }

  /**
   * Writes a text of about this size.
   *
   * @param vocabulary how many different words there are
   */
  static Path generated(Path file, long bytes, int vocabulary) throws IOException {
    var random = new SplittableRandom(42);
    long written = 0;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      while (written < bytes) {
        var line = new StringBuilder();
        int words = random.nextInt(1, 16);
        for (int i = 0; i < words; i++) {
          // Few words often, many words seldom, as in texts of people.
          int word = random.nextInt(random.nextInt(1, vocabulary + 1));
          line.append(i % 5 == 3 ? "Ärger" : "word").append(word).append(i % 7 == 6 ? ", " : " ");
        }
        line.append('\n');
        out.append(line);
        written += line.length();
      }
    }
    return file;
  }
}
