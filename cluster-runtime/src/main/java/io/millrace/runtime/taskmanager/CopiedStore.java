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

  /** Of ranges that were looked at, the CRC32C of each chunk; {@code null} if a copy is no good. */
  private final TreeMap<String, int[]> looked = new TreeMap<>();

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
        return part(range, at, length);
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
      look(range);
    }
    return looked.get(key(range)) != null;
  }

  private void look(StateBytes.InFile range) {
    var crc = new CRC32C();
    int[] chunks = new int[(int) ((range.length() + CHUNK - 1) / CHUNK)];
    try {
      for (int index = 0; index < chunks.length; index++) {
        byte[] chunk = chunk(range, index);
        crc.update(chunk);
        chunks[index] = StateBytes.crcOf(chunk);
      }
    } catch (IOException e) {
      useless(range, e.getMessage());
      return;
    }
    if ((int) crc.getValue() == range.crc32c()) {
      looked.put(key(range), chunks);
    } else {
      useless(range, "differs");
    }
  }

  private byte[] chunk(StateBytes.InFile range, int index) throws IOException {
    long from = (long) index * CHUNK;
    int length = (int) Math.min(CHUNK, range.length() - from);
    return folder(range).read(LocalCopies.FILE, range.offset() + from, length);
  }

  /** Of a range that was good when it was looked at. */
  private byte[] part(StateBytes.InFile range, long at, int length) throws IOException {
    int[] chunks = looked.get(key(range));
    byte[] part = new byte[length];
    int filled = 0;
    while (filled < length) {
      int index = (int) ((at + filled) / CHUNK);
      byte[] chunk = chunk(range, index);
      if (StateBytes.crcOf(chunk) != chunks[index]) {
        throw new IOException("has changed since it was looked at");
      }
      int start = (int) ((at + filled) % CHUNK);
      int count = Math.min(length - filled, chunk.length - start);
      System.arraycopy(chunk, start, part, filled, count);
      filled += count;
    }
    return part;
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
