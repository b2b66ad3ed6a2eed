package io.millrace.connector.files;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.FileConnector;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

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

  @Override
  public InputStream open(String path) throws IOException {
    var file = new Path(path);
    return file.getFileSystem(Hadoop.configuration()).open(file);
  }

  @Override
  public Facts facts(String path) throws IOException {
    var file = new Path(path);
    FileStatus status = file.getFileSystem(Hadoop.configuration()).getFileStatus(file);
    if (status.isDirectory()) {
      throw new IOException(
          path + " is a directory; register its files one by one, or one archive of them");
    }
    return new Facts(status.getLen(), status.getModificationTime());
  }
}
