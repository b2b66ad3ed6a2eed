package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store of which some state files have copies on local disk. A range is read from its copy only
 * after all of it was found to be what the manifest says; else from the store. One thread at a
 * time.
 */
final class CopiedStore implements CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CopiedStore.class);
  private static final int CHUNK = 1 << 20;

  private final CheckpointStore store;
  private final String directory;
  private final LocalCopies.Known copies;

  /** Whether the copy of a range is good, of those that were looked at. */
  private final TreeMap<String, Boolean> good = new TreeMap<>();

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
        byte[] bytes = folder(range).read(LocalCopies.FILE, range.offset(), (int) range.length());
        if (StateBytes.crcOf(bytes) == range.crc32c()) {
          return bytes;
        }
        useless(range, "differs");
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
        return folder(range).read(LocalCopies.FILE, range.offset() + at, length);
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
    if (!good.containsKey(key(range))) {
      good.put(key(range), isGood(range));
    }
    return good.get(key(range));
  }

  private boolean isGood(StateBytes.InFile range) {
    var crc = new CRC32C();
    try {
      for (long at = 0; at < range.length(); at += CHUNK) {
        int length = (int) Math.min(CHUNK, range.length() - at);
        crc.update(folder(range).read(LocalCopies.FILE, range.offset() + at, length));
      }
    } catch (IOException e) {
      useless(range, e.getMessage());
      return false;
    }
    if ((int) crc.getValue() != range.crc32c()) {
      useless(range, "differs");
      return false;
    }
    return true;
  }

  private void useless(StateBytes.InFile range, String why) {
    LOG.warn("The local copy of {} is of no use: {}", range.file(), why);
    good.put(key(range), false);
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
