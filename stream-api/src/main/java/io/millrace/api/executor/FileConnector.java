package io.millrace.api.executor;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;

/**
 * Text files, behind {@code env.readTextFile} and {@code stream.writeAsText}; brought by the file
 * connector's jar.
 */
public interface FileConnector {
  /** Lines of a file, a directory or a glob. */
  Source<String, ?> textSource(String path);

  /**
   * Lines into files of a directory, exactly once.
   *
   * @param append whether to write beside what another job left there
   */
  Sink<String> textSink(String directory, boolean append);
}
