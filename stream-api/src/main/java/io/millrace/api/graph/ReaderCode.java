package io.millrace.api.graph;

import io.millrace.api.connector.Source;
import io.millrace.api.eventtime.WatermarkStrategy;
import java.io.Serializable;

/**
 * What readers need of the user's classes.
 *
 * @param strategy finds event time, split by split
 */
public record ReaderCode<T>(Source<T, ?> source, WatermarkStrategy<T> strategy)
    implements Serializable {
  /** With timestamps and watermarks as the source makes them. */
  public static <T> ReaderCode<T> plain(Source<T, ?> source) {
    return new ReaderCode<>(source, WatermarkStrategy.noWatermarks());
  }
}
