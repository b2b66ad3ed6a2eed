package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.JobDirectory;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Names on a disk of this machine. A rename there replaces what it finds, and one that began before
 * its folder was moved away may still end inside it; therefore a {@linkplain DirectoryLock lock}
 * stands between any two changes of one job's names.
 */
final class LocalNames implements JobFiles {
  private final Path directory;
  private final DirectoryLock lock;

  LocalNames(Path directory) {
    this.directory = directory;
    this.lock = new DirectoryLock(directory, ownerOnly("rwx------"));
  }

  @Override
  public List<Entry> list(String folder) throws IOException {
    Path path = folder.isEmpty() ? directory : at(folder);
    var entries = new ArrayList<Entry>();
    try (Stream<Path> children = Files.list(path)) {
      for (Path child : (Iterable<Path>) children::iterator) {
        String name = child.getFileName().toString();
        boolean isFolder = Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS);
        if (!name.equals(DirectoryLock.NAME)) {
          entries.add(new Entry(name, isFolder, isFolder ? 0 : Files.size(child)));
        }
      }
    } catch (NoSuchFileException e) {
      return Files.exists(path) ? list(folder) : List.of(); // a child went away meanwhile
    } catch (NotDirectoryException e) {
      if (Files.exists(directory) && !Files.isDirectory(directory)) {
        throw new IOException(directory + " is a file, not the folder of a savepoint or job", e);
      }
      throw new IOException(path + " is not a folder", e);
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  @Override
  public boolean createExclusive(String name, byte[] bytes) throws IOException {
    Path path = at(name);
    if (JobDirectory.needsFolder(name)) {
      return lock.within(() -> isNew(path, bytes));
    }
    return lock.making(
        () -> {
          makeFolders(path.getParent());
          return isNew(path, bytes);
        });
  }

  private static boolean isNew(Path path, byte[] bytes) throws IOException {
    try {
      writeNew(path, List.of(bytes));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  @Override
  public void mkdir(String name) throws IOException {
    Path path = at(name);
    lock.making(
        () -> {
          makeFolders(path);
          return true;
        });
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Path source = at(from);
    Path target = at(to);
    lock.within(
        () -> {
          if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString());
          }
          Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
          force(source.getParent());
          force(target.getParent());
          return true;
        });
  }

  @Override
  public byte[] read(String name) throws IOException {
    Path path = at(name);
    if (Files.isDirectory(path)) {
      throw new FileNotFoundException(path + " is a folder");
    }
    if (isSpecial(path)) {
      throw new IOException(path + " is not a regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      if (Files.size(path) > JobFiles.MOST_BYTES) {
        throw JobFiles.tooLarge(path);
      }
      return JobFiles.readSmall(in, path);
    } catch (NoSuchFileException e) {
      throw missing(path);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Path path = at(name);
    try {
      lock.within(
          () -> {
            deleteTree(path);
            return true;
          });
    } catch (NoSuchFileException e) {
      return; // nor is there a directory
    }
  }

  @Override
  public void removeDirectory() throws IOException {
    lock.removeDirectory();
  }

  @Override
  public void write(String name, Iterable<byte[]> parts) throws IOException {
    writeNew(at(name), parts); // large, and under a name of its own: not under the lock
  }

  @Override
  public byte[] read(String name, long offset, long length) throws IOException {
    Path path = at(name);
    if (isSpecial(path)) {
      throw new DamagedException("it is not a regular file");
    }
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(JobFiles.rangeLength(file.size(), offset, length));
      while (bytes.hasRemaining()) {
        if (file.read(bytes, offset + bytes.position()) < 0) {
          throw new EOFException("the file ends before");
        }
      }
      return bytes.array();
    } catch (NoSuchFileException e) {
      throw missing(path);
    } catch (EOFException e) {
      throw new DamagedException(e.getMessage());
    }
  }

  /** A pipe or a device, which whoever opens it may wait for without end. */
  private static boolean isSpecial(Path path) {
    return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
  }

  private static FileNotFoundException missing(Path path) {
    return new FileNotFoundException(path + " does not exist");
  }

  private static void writeNew(Path path, Iterable<byte[]> parts) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            ownerOnly("rw-------"))) {
      fill(file, path, parts);
    }
    force(path.getParent());
  }

  /** What the operating system says of a disk that is full names no file. */
  static void fill(FileChannel file, Path path, Iterable<byte[]> parts) throws IOException {
    try {
      for (byte[] part : parts) {
        ByteBuffer bytes = ByteBuffer.wrap(part);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
      }
      file.force(true);
    } catch (IOException e) {
      boolean bare = e.getClass() == IOException.class; // others say what they are about
      throw bare ? new IOException(path + ": " + e.getMessage(), e) : e;
    }
  }

  private static void makeFolders(Path path) throws IOException {
    Files.createDirectories(path, ownerOnly("rwx------"));
    force(path);
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    Set<PosixFilePermission> owner = PosixFilePermissions.fromString(permissions);
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(owner)};
  }

  /** Makes a folder's entries durable. */
  private static void force(Path folder) throws IOException {
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  private static void deleteTree(Path path) throws IOException {
    try {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        List<Path> children;
        try (Stream<Path> entries = Files.list(path)) {
          children = entries.toList();
        }
        for (Path child : children) {
          deleteTree(child);
        }
      }
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      return; // somebody else was faster
    } catch (DirectoryNotEmptyException e) {
      throw new IOException(path + " is being written to", e);
    }
  }

  private Path at(String name) throws IOException {
    return directory.resolve(JobFiles.inside(name));
  }
}
