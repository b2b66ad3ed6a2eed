package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of which some state files have copies on local disk. A range is read from its copy only
 * after all of it was found to be what the manifest says, and only as it was found: a disk that
 * becomes worse meanwhile must not make a checkpoint look damaged that the store has intact. Else
 * from the store. One thread at a time.
 */
final class CopiedStore implements CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CopiedStore.class);
  private static final int CHUNK = 1 << 20;

  private final CheckpointStore store;
  private final String directory;
  private final LocalCopies.Known copies;

  /** Copies of ranges that were looked at; {@code null} for one that is no good. */
  private final TreeMap<String, CheckedRange> looked = new TreeMap<>();

  private CheckedRange last;

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
    if (isCopied(from, range)) {
      try {
        return copy(range).read(0, Math.toIntExact(range.length()));
      } catch (IOException e) {
        useless(range, e.getMessage());
      }
    }
    return store.readState(from, range);
  }

  @Override
  public byte[] readPart(String from, StateBytes.InFile range, long at, int length)
      throws IOException {
    if (isCopied(from, range)) {
      try {
        return copy(range).read(at, length);
      } catch (IOException e) {
        useless(range, e.getMessage());
      }
    }
    return store.readPart(from, range, at, length);
  }

  private boolean isCopied(String from, StateBytes.InFile range) {
    if (!from.equals(directory) || folder(range) == null) {
      return false;
    }
    if (!looked.containsKey(key(range))) {
      var copy =
          new CheckedRange(
              range,
              "the local copy",
              CHUNK,
              (at, length) -> folder(range).read(LocalCopies.FILE, range.offset() + at, length));
      try {
        copy.verify();
        looked.put(key(range), copy);
      } catch (IOException e) {
        useless(range, e.getMessage());
      }
    }
    return looked.get(key(range)) != null;
  }

  /** That of a range that was good when it was looked at; the one before holds nothing any more. */
  private CheckedRange copy(StateBytes.InFile range) {
    CheckedRange copy = looked.get(key(range));
    if (last != null && last != copy) {
      last.release();
    }
    last = copy;
    return copy;
  }

  private void useless(StateBytes.InFile range, String why) {
    LOG.warn("The local copy of {} is of no use: {}", range.file(), why);
    looked.put(key(range), null);
  }

  private static String key(StateBytes.InFile range) {
    return range.file() + "@" + range.offset() + "+" + range.length() + "/" + range.crc32c();
  }

  private StateFolder folder(StateBytes.InFile range) {
    return copies.folders().get(range.file());
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
