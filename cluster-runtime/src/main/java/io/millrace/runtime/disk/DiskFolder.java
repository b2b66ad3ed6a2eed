package io.millrace.runtime.disk;

import io.millrace.runtime.state.StateFolder;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A folder below one of this TaskManager's own; it is there until it is deleted. */
public final class DiskFolder implements StateFolder {
  private final Path path;
  private final Predicate<String> lasting;
  private final Verifier verifier;
  private final Runnable further;

  /** Looks for damage in a file. */
  @FunctionalInterface
  public interface Verifier {
    /**
     * @throws IOException if there is any
     */
    void verify(Path file) throws IOException;
  }

  /** Makes an empty folder that nobody else can look into. */
  public static DiskFolder make(Path path) throws IOException {
    return make(path, () -> {});
  }

  /**
   * The same.
   *
   * @param further told after each part that was read or written, on the thread that did it
   */
  public static DiskFolder make(Path path, Runnable further) throws IOException {
    makeOwn(path.getParent());
    Files.createDirectory(path, ownerOnly());
    return new DiskFolder(path, name -> false, file -> {}, further);
  }

  /**
   * A folder that is there.
   *
   * @param lasting whether files of that name are never written again with other content
   */
  public DiskFolder(Path path, Predicate<String> lasting, Verifier verifier) {
    this(path, lasting, verifier, () -> {});
  }

  /**
   * The same.
   *
   * @param further told after each part that was read or written, on the thread that did it
   */
  public DiskFolder(Path path, Predicate<String> lasting, Verifier verifier, Runnable further) {
    this.path = path;
    this.lasting = lasting;
    this.verifier = verifier;
    this.further = further;
  }

  /** Makes the folder and those above it, as far as they lack; nobody else can look into them. */
  public static void makeOwn(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path, ownerOnly());
    }
  }

  private static FileAttribute<?>[] ownerOnly() {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
    };
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public List<File> files() throws IOException {
    var files = new ArrayList<File>();
    try (Stream<Path> all = Files.list(path)) {
      for (Path file : (Iterable<Path>) all.sorted()::iterator) {
        String name = file.getFileName().toString();
        files.add(new File(name, Files.size(file), lasting.test(name)));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return files;
  }

  /** Not by a channel: those close when an interrupted thread uses one. */
  @Override
  public byte[] read(String file, long from, int length) throws IOException {
    byte[] bytes = new byte[length];
    try (var in = new RandomAccessFile(at(file).toFile(), "r")) {
      in.seek(from);
      in.readFully(bytes);
      further.run();
      return bytes;
    } catch (EOFException e) {
      throw new IOException(at(file) + " has less than " + (from + length) + " bytes", e);
    }
  }

  @Override
  public void verify(String file) throws IOException {
    verifier.verify(at(file));
  }

  @Override
  public void write(String file, Iterable<byte[]> parts) throws IOException {
    Path target = at(file);
    try (var out = new RandomAccessFile(target.toFile(), "rw")) {
      for (byte[] part : parts) {
        out.write(part);
        further.run();
      }
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(target);
      throw e;
    }
  }

  @Override
  public void append(String file, byte[] part) throws IOException {
    try (var out = new RandomAccessFile(at(file).toFile(), "rw")) {
      out.seek(out.length());
      out.write(part);
      further.run();
    }
  }

  @Override
  public void link(String file, StateFolder from, String fileThere) throws IOException {
    Files.createLink(at(file), ((DiskFolder) from).at(fileThere));
  }

  @Override
  public void delete() {
    delete(path);
  }

  private Path at(String file) throws IOException {
    Path target = path.resolve(file);
    if (!path.equals(target.getParent()) || file.startsWith(".")) {
      throw new IOException("no name of a file: '" + file + "'");
    }
    return target;
  }

  /** Best effort: what stays goes with the folder above it. */
  public static void delete(Path folder) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      return;
    }
  }
}
