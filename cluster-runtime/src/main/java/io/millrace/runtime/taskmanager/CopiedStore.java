package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
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
  private final Set<String> unread;
  private final TreeSet<String> useless = new TreeSet<>();

  /** What was read last, of which a chunk may be in memory; {@code null} at first. */
  private CheckedRange last;

  private StateBytes.InFile lastRange;

  /**
   * @param directory whose files have copies
   * @param unread files of whose copies this TaskManager has made nothing yet
   */
  CopiedStore(
      CheckpointStore store, String directory, LocalCopies.Known copies, Set<String> unread) {
    this.store = store;
    this.directory = directory;
    this.copies = copies;
    this.unread = unread;
  }

  /** The same, for another thread: it finds out by itself what is of no use. */
  CopiedStore another() {
    return new CopiedStore(store, directory, copies, unread);
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
    Optional<StateFolder> folder = folder(from, range);
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    if (!range.equals(lastRange)) {
      lastRange = range;
      last = copy(range, folder.get());
    }
    try {
      return Optional.of(last.read(at, Math.toIntExact(length)));
    } catch (IOException e) {
      isUseless(range, e);
      return Optional.empty();
    }
  }

  private Optional<StateFolder> folder(String from, StateBytes.InFile range) {
    return from.equals(directory) && !useless.contains(range.file())
        ? Optional.ofNullable(copies.folders().get(range.file()))
        : Optional.empty();
  }

  private static CheckedRange copy(StateBytes.InFile range, StateFolder folder) {
    String file = LocalCopies.fileAt(range.offset());
    return new CheckedRange(
        range, "the local copy", (part, count) -> folder.read(file, part, count));
  }

  private void isUseless(StateBytes.InFile range, Exception e) {
    LOG.warn("The local copy of {} is of no use: {}", range.file(), e.getMessage());
    useless.add(range.file());
  }

  /**
   * Gives a copy of a file that lasts a place in a folder too, if it is what the manifest says.
   * Nothing is written.
   *
   * <p>Reading a large state through would be most of what a start takes, and whoever uses such a
   * file compares each part that he reads with a checksum in the file. So the first time its length
   * has to do. If it is damaged, the task fails, and the next one here looks at all of it.
   *
   * @return whether it has one
   */
  boolean link(String from, StateBytes.InFile range, StateFolder target, String name) {
    Optional<StateFolder> folder = folder(from, range);
    if (folder.isEmpty()) {
      return false;
    }
    try {
      if (unread.contains(range.file())) {
        checkLength(range, folder.get());
      } else {
        copy(range, folder.get()).chunks().forEachRemaining(chunk -> {});
      }
    } catch (IOException | UncheckedIOException e) {
      isUseless(range, e);
      return false;
    }
    try {
      target.link(name, folder.get(), LocalCopies.fileAt(range.offset()));
      return true;
    } catch (IOException e) {
      LOG.debug("{} is copied instead of linked: {}", name, e.getMessage());
      return false;
    }
  }

  private static void checkLength(StateBytes.InFile range, StateFolder folder) throws IOException {
    String name = LocalCopies.fileAt(range.offset());
    long length =
        folder.files().stream()
            .filter(file -> file.name().equals(name))
            .mapToLong(StateFolder.File::length)
            .findFirst()
            .orElseThrow(() -> new IOException("it is not there"));
    if (length != range.length()) {
      throw new IOException("it has " + length + " bytes instead of " + range.length());
    }
  }

  /** Of a copy as long as it is good. */
  @Override
  public RangeReader open(String from, StateBytes.InFile range) throws IOException {
    Optional<CheckedRange> copied = folder(from, range).map(folder -> copy(range, folder));
    return copied.isEmpty() ? store.open(from, range) : new Either(from, range, copied.get());
  }

  /** What the copy does not give comes from the store. */
  private final class Either implements CheckpointStore.RangeReader {
    private final String from;
    private final StateBytes.InFile range;
    private final CheckedRange copied;
    private RangeReader stored;

    Either(String from, StateBytes.InFile range, CheckedRange copied) {
      this.from = from;
      this.range = range;
      this.copied = copied;
    }

    @Override
    public byte[] read(long at, int length) throws IOException {
      if (stored == null) {
        try {
          return copied.read(at, length);
        } catch (IOException e) {
          isUseless(range, e);
          stored = store.open(from, range);
        }
      }
      return stored.read(at, length);
    }

    @Override
    public void close() throws IOException {
      if (stored != null) {
        stored.close();
      }
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
