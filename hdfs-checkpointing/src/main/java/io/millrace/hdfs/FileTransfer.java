package io.millrace.hdfs;

import io.millrace.api.graph.CachedFile;
import io.millrace.runtime.host.FileOrigin;
import io.millrace.runtime.protocol.FileRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The files that a job's functions read, on their way to where TaskManagers fetch them: those of
 * this machine to the store of jars, all others stay.
 */
public final class FileTransfer {
  private final List<CachedFile> travelling = new ArrayList<>();
  private final List<FileRef> refs = new ArrayList<>();

  /**
   * Changes nothing.
   *
   * @throws UnusableException if one is not there
   */
  public static FileTransfer of(List<CachedFile> files, Configuration conf)
      throws UnusableException {
    var transfer = new FileTransfer();
    var origin = new HdfsOrigin(conf);
    for (CachedFile file : files) {
      if (file.stays()) {
        transfer.refs.add(located(file, origin));
      } else if (Files.isReadable(Path.of(file.path()))) {
        transfer.travelling.add(file);
      } else {
        throw refused(file, file.path() + " cannot be read any more", null);
      }
    }
    return transfer;
  }

  private static FileRef located(CachedFile file, HdfsOrigin origin) throws UnusableException {
    try {
      String location = origin.qualified(file.path());
      FileOrigin.State state = origin.state(location);
      return new FileRef(file, location, state.length(), state.modifiedMillis());
    } catch (FileNotFoundException e) {
      throw refused(file, file.path() + " does not exist", null);
    } catch (IOException | RuntimeException e) {
      throw refused(file, file.path() + " cannot be read", e);
    }
  }

  private static UnusableException refused(CachedFile file, String reason, Exception cause) {
    String message = "the cached file '" + file.name() + "': " + reason;
    return new UnusableException(cause == null ? message : message + ": " + said(cause), cause);
  }

  /** The first line of what the innermost cause says. */
  private static String said(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String text = String.valueOf(root.getMessage() == null ? root : root.getMessage());
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse(text);
  }

  /** A file that a job reads is not there, or cannot be read. */
  public static final class UnusableException extends IOException {
    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  public record Put(CachedFile file, JarStore.Stored stored) {}

  /** Uploads what the store does not have. */
  public List<Put> put(JarStore store, long wallMillis) throws IOException {
    var all = new ArrayList<Put>();
    for (CachedFile file : travelling) {
      JarStore.Stored stored = store.put(Path.of(file.path()), file.sha256(), wallMillis);
      refs.add(
          new FileRef(file, stored.path().toString(), stored.length(), stored.modifiedMillis()));
      all.add(new Put(file, stored));
    }
    return all;
  }

  /** Of all files, once {@link #put} has returned. */
  public List<FileRef> refs() {
    return refs;
  }
}
