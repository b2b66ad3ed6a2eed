package io.millrace.yarn;

import io.millrace.hdfs.JarStore;
import io.millrace.runtime.protocol.FileRef;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a submission puts into the store of jars, and how much of it was there already. */
final class Upload {
  private static final Logger LOG = LoggerFactory.getLogger(Upload.class);

  private final JarStore store;
  private final long now;
  private long travelled;
  private long known;

  /**
   * @param now wall-clock milliseconds
   */
  Upload(JarStore store, long now) {
    this.store = store;
    this.now = now;
  }

  JarStore.Stored put(Path file) throws IOException {
    return counted(store.put(file, now));
  }

  /** The files that functions of a job read, where TaskManagers fetch them then. */
  List<FileRef> put(FileTransfer transfer) throws IOException {
    transfer.put(store, now).forEach(put -> counted(put.stored()));
    return transfer.refs();
  }

  /** Empty if there is none that can be used: containers start without it then. */
  Optional<JarStore.Stored> putArchive(ClassArchive archives, YarnDeployer.Equipment equipment)
      throws IOException {
    var found = archives.find(equipment.engine(), equipment.logConfiguration());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(counted(store.put(found.get().file(), found.get().sha256(), now)));
    } catch (JarStore.ChangedException | NoSuchFileException e) {
      LOG.info("The archive of classes is damaged, and containers start without it", e);
      archives.discard(found.get());
      return Optional.empty();
    }
  }

  private JarStore.Stored counted(JarStore.Stored stored) {
    travelled += stored.uploaded();
    known += stored.uploaded() == 0 ? stored.length() : 0;
    return stored;
  }

  /** Bytes that had to travel. */
  long travelled() {
    return travelled;
  }

  /** Bytes that the cluster had already. */
  long known() {
    return known;
  }

  /** Deletes what none has used for long and no staged application names. */
  void removeUnused(Staging staging) throws IOException {
    for (String removed : store.removeUnused(now, staging::filesInUse)) {
      LOG.info(
          "Removed a jar that was not used for {} days: {}", JarStore.UNUSED.toDays(), removed);
    }
  }
}
