package io.millrace.cli;

import io.millrace.api.accumulator.Accumulators;
import io.millrace.cli.JobWatch.End;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.util.Collection;
import java.util.Map;

/**
 * What the command says of a job that has ended.
 *
 * @param logs where those of its cluster are
 */
record Epilogue(Console console, String logs, JobId job) {

  /**
   * Of a job that has finished; scripts read these lines.
   *
   * @param loader of the program's classes
   * @return the results of its accumulators, by name
   */
  Map<String, Object> finished(End end, ClassLoader loader) {
    console.say("Program execution finished");
    console.say("Job with JobID " + job + " has finished.");
    console.say("Job Runtime: " + end.runtimeMillis() + " ms");
    Map<String, Object> accumulators = Accumulators.results(end.accumulators(), loader);
    tell("Accumulator Results: ", accumulators);
    return accumulators;
  }

  private void tell(String title, Map<String, Object> accumulators) {
    if (!accumulators.isEmpty()) {
      console.say(title);
      accumulators.forEach(
          (name, value) -> console.say("- " + Console.oneLine(name) + described(value)));
    }
  }

  private static String described(Object value) {
    if (value == null) {
      return ": null";
    }
    return " ("
        + value.getClass().getName()
        + ")"
        + (value instanceof Collection<?> all
            ? " [" + all.size() + " elements]"
            : ": " + Console.oneLine(String.valueOf(value)));
  }

  /**
   * Of a job that has failed or was cancelled: how far it had come, where it may go on, and where
   * to look.
   *
   * @return what its accumulators had come to, by name
   */
  Map<String, Object> unfinished(End end, ClassLoader loader) {
    Map<String, Object> accumulators = Accumulators.resultsIfReadable(end.accumulators(), loader);
    tell("Accumulator Results as of the last checkpoint: ", accumulators);
    boolean cancelled = end.status() == JobStatus.CANCELED;
    console.warn(
        cancelled
            ? "Job " + job + " was cancelled."
            : "Job " + job + " has failed: " + end.reason());
    end.checkpoint()
        .ifPresent(
            path ->
                console.warn(
                    "The retained checkpoint is "
                        + path
                        + "; millrace run -s "
                        + path
                        + " ... goes on from there"));
    if (!cancelled) {
      console.warn("Logs: " + logs);
    }
    return accumulators;
  }
}
