package io.millrace.connector.files;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.FileConnector;

/** What {@code env.readTextFile} and {@code stream.writeAsText} find on the classpath. */
public final class HadoopFiles implements FileConnector {
  @Override
  public Source<String, ?> textSource(String path) {
    return new TextFileSource(path);
  }

  @Override
  public Sink<String> textSink(String directory, boolean append) {
    return new TextFileSink(directory, append);
  }
}
