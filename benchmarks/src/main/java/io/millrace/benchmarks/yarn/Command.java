package io.millrace.benchmarks.yarn;

import java.io.IOException;
import java.nio.file.Path;

/**
 * One that runs.
 *
 * @param begin when it was started, in milliseconds since 1970
 * @param said what it prints
 */
record Command(Process process, long begin, long deadline, Path said) {
  interface Condition {
    boolean holds() throws Exception;
  }

  void until(Condition condition) throws Exception {
    while (!condition.holds()) {
      if (!process.isAlive() && process.exitValue() != 0) {
        throw new IOException("exit code " + process.exitValue() + "; see " + said);
      }
      if (System.currentTimeMillis() > deadline) {
        process.destroyForcibly();
        throw new IOException("it takes too long; see " + said);
      }
      Thread.sleep(20);
    }
  }
}
