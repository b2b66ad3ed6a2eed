package io.millrace.hdfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.UUID;

/**
 * Lets one at a time change what is in a directory, across processes: who has the lock of the file
 * {@code .lock} there. A process that dies releases it.
 *
 * <p>The file goes with its directory. Whoever waits for its lock then gets it on a file that has
 * no name any more, while others make and lock a new one. Therefore a mark is written into it
 * before it goes, and a file that is not empty is a lock no more: who gets it begins anew. As its
 * name is taken away only by one who has it locked, it is certain meanwhile whether the name still
 * leads to it.
 */
final class DirectoryLock {
  static final String NAME = ".lock";

  /** To open one that may be a link which leads nowhere, or whose directory may be a file. */
  private static final int MOST_TRIES = 100;

  private static final int MARK_LENGTH = 36;

  /** The lock of a file belongs to the process; among its threads this one stands in. */
  private static final Object PROCESS = new Object();

  private final Path directory;
  private final Path path;
  private final FileAttribute<?>[] permissions;

  /**
   * @param permissions of the directory, where it is made
   */
  DirectoryLock(Path directory, FileAttribute<?>... permissions) {
    this.directory = directory;
    this.path = directory.resolve(NAME);
    this.permissions = permissions;
  }

  interface Change<R> {
    R make() throws IOException;
  }

  private interface Held<R> {
    R use(FileChannel file) throws IOException;
  }

  /** Makes a change while nobody else does; first the directory, if there is none. */
  <R> R making(Change<R> change) throws IOException {
    return locked(true, file -> change.make());
  }

  /**
   * Makes a change while nobody else does.
   *
   * @throws NoSuchFileException if there is no directory, which is not made
   */
  <R> R within(Change<R> change) throws IOException {
    return locked(false, file -> change.make());
  }

  /** Removes the directory, but not if it holds anything; fine if it does, or is not there. */
  void removeDirectory() throws IOException {
    if (Files.isSymbolicLink(directory)) {
      return; // a user's, who made it a name of another one
    }
    try {
      locked(false, this::remove);
    } catch (NoSuchFileException e) {
      return; // somebody else was faster
    }
  }

  private boolean remove(FileChannel file) throws IOException {
    file.write(ByteBuffer.wrap(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII)));
    Files.delete(path);
    try {
      Files.delete(directory);
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false; // a new lock may be in it, if nothing else is: then of one who is at work there
    }
  }

  private <R> R locked(boolean makes, Held<R> held) throws IOException {
    synchronized (PROCESS) {
      while (true) {
        try (FileChannel file = open(makes);
            FileLock lock = file.lock()) {
          if (!lock.isValid()) {
            throw new IOException("the lock of " + directory + " was lost");
          }
          if (file.size() == 0) {
            return held.use(file);
          }
          takeNameOf(file);
        }
      }
    }
  }

  private FileChannel open(boolean makes) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        if (makes) {
          Files.createDirectories(directory, permissions);
        }
        return FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        if (!makes || tries == MOST_TRIES) {
          throw e;
        } // else the directory has just been removed, perhaps after it was found to exist
      }
    }
  }

  /**
   * If the file still has its name, whoever marked it died before he took that. To close the second
   * channel releases the lock of the first, if both are of one file; nothing may come after.
   */
  private void takeNameOf(FileChannel marked) throws IOException {
    try (FileChannel named = FileChannel.open(path, StandardOpenOption.READ)) {
      if (mark(named).equals(mark(marked))) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      return; // with its directory, or only the name
    }
  }

  private static ByteBuffer mark(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MARK_LENGTH);
    while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {
      continue;
    }
    return bytes.flip();
  }
}
