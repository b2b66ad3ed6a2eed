package io.millrace.api.executor;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import java.io.IOException;
import java.io.InputStream;

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

  /**
   * Opens a file of any Hadoop file system.
   *
   * @throws java.io.FileNotFoundException if there is none
   */
  InputStream open(String path) throws IOException;

  /**
   * How such a file is now.
   *
   * @throws java.io.FileNotFoundException if there is none
   * @throws IOException also if it is a directory
   */
  Facts facts(String path) throws IOException;

  /**
   * @param length in bytes
   */
  record Facts(long length, long modifiedMillis) {}
}
