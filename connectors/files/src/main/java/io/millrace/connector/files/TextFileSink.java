package io.millrace.connector.files;

import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;

/**
 * One line of UTF-8 per record, exactly once, into files {@code part-…} of a directory on {@code
 * hdfs}, {@code viewfs} over HDFS or the local file system. A file stays hidden below {@code
 * _millrace/} until the checkpoint that covers it is durable; a job that reads all its input leaves
 * {@code _SUCCESS}. A record that holds a line feed makes two lines.
 *
 * <p>The directory belongs to the job that took it first and to those that go on from its
 * checkpoints, by a marker {@code _millrace-owner}. Others are refused unless they append.
 */
public final class TextFileSink implements Sink<String> {
  private final String directory;
  private final boolean append;

  /** This process's access to the directory, made when first needed. */
  private transient volatile OutputDirectory opened;

  /**
   * @param directory with or without scheme; relative to the user's home directory
   * @param append whether to write beside what others have written there
   */
  public TextFileSink(String directory, boolean append) {
    this.directory = Hadoop.qualified(directory);
    this.append = append;
  }

  @Override
  public void validate(Scope scope) throws IOException {
    new OutputDirectory(directory, Hadoop.impatient()).check(scope.lineage(), append);
  }

  @Override
  public void acquire(Scope scope) throws IOException {
    open(directory).acquire(scope, append);
  }

  @Override
  public long resume(Scope scope, long checkpoint) throws IOException {
    OutputDirectory output = open(directory);
    output.refuseTakenBack(checkpoint, scope);
    return output.highestCheckpoint(scope);
  }

  @Override
  public SinkWriter<String> writer(WriterContext context) throws IOException {
    return new TextFileWriter(open(directory), context);
  }

  @Override
  public void commit(Scope scope, List<byte[]> committables)
      throws IOException, CommitConflictException {
    for (byte[] committable : committables) {
      PendingFile file = PendingFile.fromBytes(committable);
      try {
        open(file.directory()).publish(file, scope);
      } catch (OutputConflictException e) {
        throw new CommitConflictException(e.getMessage());
      }
    }
  }

  @Override
  public void settle(Scope scope, boolean finished) throws IOException {
    open(directory).settle(scope, finished);
  }

  @Override
  public void rollback(Scope scope, long after, long upTo, List<byte[]> kept)
      throws IOException, CommitConflictException {
    // A job that was resumed with another directory may have shown output in the former one.
    var waiting = new TreeMap<String, Set<String>>();
    waiting.put(directory, new TreeSet<>());
    for (byte[] committable : kept) {
      PendingFile file = PendingFile.fromBytes(committable);
      waiting.computeIfAbsent(file.directory(), place -> new TreeSet<>()).add(file.pending());
    }
    for (var place : waiting.entrySet()) {
      open(place.getKey()).rollback(scope, new RolledBack(after, upTo), place.getValue());
    }
  }

  @Override
  public boolean blocking() {
    return true;
  }

  /**
   * @param place the sink's directory, or where the job wrote before it was resumed with another
   *     one
   */
  private OutputDirectory open(String place) throws IOException {
    OutputDirectory mine = opened;
    if (mine == null) {
      Configuration conf = Hadoop.configuration();
      mine = new OutputDirectory(directory, conf);
      opened = mine;
    }
    return place.equals(directory) ? mine : new OutputDirectory(place, Hadoop.configuration());
  }

  @Override
  public String toString() {
    return "lines to " + directory;
  }
}
