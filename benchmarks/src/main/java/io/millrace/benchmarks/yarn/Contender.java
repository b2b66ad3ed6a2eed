package io.millrace.benchmarks.yarn;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A way to start the job on YARN.
 *
 * @param words the command, but for the arguments of the program
 * @param registered in a line of the JobManager's log: YARN knows it now
 */
record Contender(
    String label, List<String> words, Map<String, String> environment, Pattern registered) {
  /**
   * @param said where to what it prints goes
   * @param patience after which waiting for it is given up
   */
  Command start(Path said, Duration patience, String... arguments) throws IOException {
    var all = new ArrayList<>(words);
    all.addAll(List.of(arguments));
    var builder = new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    long begin = System.currentTimeMillis();
    return new Command(builder.start(), begin, begin + patience.toMillis(), said);
  }
}
