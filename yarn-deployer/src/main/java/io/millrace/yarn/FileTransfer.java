package io.millrace.yarn;

import io.millrace.api.graph.CachedFile;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.hdfs.JarStore;
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
final class FileTransfer {
  private final List<CachedFile> travelling = new ArrayList<>();
  private final List<FileRef> refs = new ArrayList<>();

  /**
   * Changes nothing.
   *
   * @throws DeployRefusedException if one is not there
   */
  static FileTransfer of(List<CachedFile> files, Configuration conf) throws DeployRefusedException {
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

  private static FileRef located(CachedFile file, HdfsOrigin origin) throws DeployRefusedException {
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

  private static DeployRefusedException refused(CachedFile file, String reason, Exception cause) {
    String message = "the cached file '" + file.name() + "': " + reason;
    return cause == null
        ? new DeployRefusedException(message)
        : new DeployRefusedException(message, cause);
  }

  record Put(CachedFile file, JarStore.Stored stored) {}

  /** Uploads what the store does not have. */
  List<Put> put(JarStore store, long wallMillis) throws IOException {
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
  List<FileRef> refs() {
    return refs;
  }
}
