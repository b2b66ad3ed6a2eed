package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.task.TaskEvent.Measured;
import io.millrace.runtime.task.TaskEvent.Measurement;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics for people: one line for each operator that has some. */
final class MetricsLog {
  /** A name of its own, so that they can be sent elsewhere or switched off. */
  private static final Logger LOG = LoggerFactory.getLogger("io.millrace.metrics");

  static void write(AttemptId attempt, Measured measured) {
    for (Measurement operator : measured.operators()) {
      LOG.info("{}", line(attempt, operator));
    }
  }

  static String line(AttemptId attempt, Measurement operator) {
    return operator.values().entrySet().stream()
        .map(each -> each.getKey() + "=" + text(each.getValue()))
        .collect(
            Collectors.joining(
                " ",
                "'" + operator.operator() + "' (" + (attempt.subtask() + 1) + ") ",
                " [" + attempt + "]"));
  }

  private static String text(Object value) {
    return value instanceof Double number
        ? String.format(Locale.ROOT, "%.3f", number)
        : String.valueOf(value).replaceAll("\\s*\\R\\s*", " | ");
  }

  private MetricsLog() {}
}
