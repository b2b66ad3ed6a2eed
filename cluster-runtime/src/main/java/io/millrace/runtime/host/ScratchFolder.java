package io.millrace.runtime.host;

import io.millrace.runtime.task.LocalDisk;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files of tasks in a folder of the local disk, which is made when the first of them is. Each file
 * is readable for this user only and loses its name as soon as it is open: however the process
 * ends, the system takes the room back, and nothing is left to be cleaned up.
 */
final class ScratchFolder implements LocalDisk {
  private final Path folder;

  ScratchFolder(Path folder) {
    this.folder = folder.toAbsolutePath();
  }

  @Override
  public Scratch create(String name) throws IOException {
    Path path = null;
    try {
      makeFolder();
      path = Files.createTempFile(folder, "overflow-" + name + "-", "");
      var file = new ScratchFile(path.toFile());
      Files.delete(path);
      return file;
    } catch (IOException e) {
      throw explained(path == null ? folder : path, e);
    }
  }

  private void makeFolder() throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  private static IOException explained(Path path, IOException e) {
    String reason = e.getMessage();
    if (e instanceof FileSystemException failure) {
      // Its message repeats the path, and lacks the reason where the class is the reason.
      reason = failure.getReason() != null ? failure.getReason() : e.getClass().getSimpleName();
    }
    return new IOException(path + ": " + reason + " (" + free(path) + ")", e);
  }

  private static String free(Path path) {
    for (Path at = path; at != null; at = at.getParent()) {
      if (Files.exists(at)) {
        try {
          return Files.getFileStore(at).getUsableSpace() + " bytes are free there";
        } catch (IOException e) {
          break;
        }
      }
    }
    return "how much is free there is unknown";
  }

  /**
   * Not a channel: those close when an interrupted thread, such as a cancelled task's, uses one. A
   * task and the writer of its checkpoint may use it at the same time.
   */
  static final class ScratchFile implements Scratch {
    private final File path;
    private final RandomAccessFile file;

    ScratchFile(File path) throws IOException {
      this.path = path;
      this.file = new RandomAccessFile(path, "rw");
    }

    @Override
    public String place() {
      return path.getPath();
    }

    @Override
    public synchronized void write(long position, byte[] bytes, int length) throws IOException {
      try {
        file.seek(position);
        file.write(bytes, 0, length);
      } catch (IOException e) {
        throw explained(path.toPath(), e);
      }
    }

    @Override
    public synchronized void read(long position, byte[] bytes) throws IOException {
      try {
        if (file.length() < position + bytes.length) {
          throw new IOException(
              "it has " + file.length() + " bytes, expected " + (position + bytes.length));
        }
        file.seek(position);
        file.readFully(bytes);
      } catch (IOException e) {
        throw explained(path.toPath(), e);
      }
    }

    @Override
    public void close() {
      try {
        file.close();
      } catch (IOException e) {
        // Nothing in it is wanted any more, and it has no name.
      }
    }
  }
}
