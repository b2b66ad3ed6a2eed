package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of which some state files have copies on local disk. What a copy has is read from there
 * as long as it is what the manifest says, else from the store: a disk that goes bad must not make
 * a checkpoint look damaged that the store has intact. One thread at a time.
 */
final class CopiedStore implements CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CopiedStore.class);

  private final CheckpointStore store;
  private final String directory;
  private final LocalCopies.Known copies;
  private final TreeSet<String> useless = new TreeSet<>();

  /** What was read last, of which a chunk may be in memory; {@code null} at first. */
  private CheckedRange last;

  private StateBytes.InFile lastRange;

  /**
   * @param directory whose files have copies
   */
  CopiedStore(CheckpointStore store, String directory, LocalCopies.Known copies) {
    this.store = store;
    this.directory = directory;
    this.copies = copies;
  }

  @Override
  public byte[] readState(String from, StateBytes.InFile range) throws IOException {
    Optional<byte[]> copied = fromCopy(from, range, 0, range.length());
    return copied.isPresent() ? copied.get() : store.readState(from, range);
  }

  @Override
  public byte[] readPart(String from, StateBytes.InFile range, long at, int length)
      throws IOException {
    Optional<byte[]> copied = fromCopy(from, range, at, length);
    return copied.isPresent() ? copied.get() : store.readPart(from, range, at, length);
  }

  private Optional<byte[]> fromCopy(String from, StateBytes.InFile range, long at, long length) {
    StateFolder folder = copies.folders().get(range.file());
    if (!from.equals(directory) || folder == null || useless.contains(range.file())) {
      return Optional.empty();
    }
    if (!range.equals(lastRange)) {
      lastRange = range;
      last =
          new CheckedRange(
              range,
              "the local copy",
              (part, count) -> folder.read(LocalCopies.FILE, range.offset() + part, count));
    }
    try {
      return Optional.of(last.read(at, Math.toIntExact(length)));
    } catch (IOException e) {
      LOG.warn("The local copy of {} is of no use: {}", range.file(), e.getMessage());
      useless.add(range.file());
      return Optional.empty();
    }
  }

  @Override
  public String directoryOf(JobId job) {
    return store.directoryOf(job);
  }

  @Override
  public String folder(String named) throws IOException {
    return store.folder(named);
  }

  @Override
  public DurableNames names(String names) {
    return store.names(names);
  }

  @Override
  public void writeState(String to, String file, Iterable<byte[]> parts) throws IOException {
    store.writeState(to, file, parts);
  }
}
