package io.millrace.hdfs;

import io.millrace.runtime.checkpoint.JobDirectory;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.io.IOUtils;
import org.apache.hadoop.ipc.RemoteException;

/**
 * Names in HDFS. Everything goes through FileContext, whose rename without options never replaces
 * and never moves into a folder, which FileSystem's does.
 */
final class HdfsNames implements JobFiles {
  private static final FsPermission OWNER_FOLDER = new FsPermission((short) 0700);
  private static final FsPermission OWNER_FILE = new FsPermission((short) 0600);

  private final FileContext files;
  private final Path directory;
  private volatile boolean known;
  private volatile boolean made;

  HdfsNames(Path directory, Configuration conf) throws IOException {
    this.files = FileContext.getFileContext(directory.toUri(), withQuickClose(conf));
    this.files.setUMask(new FsPermission((short) 0077));
    this.directory = directory;
  }

  /**
   * A close asks the NameNode whether the last block has been reported; told "not yet", Hadoop
   * would wait 400 ms before it asks again, and a checkpoint with it.
   */
  private static Configuration withQuickClose(Configuration conf) {
    var quick = new Configuration(conf);
    quick.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 10);
    quick.setInt("dfs.client.block.write.locateFollowingBlock.retries", 11);
    return quick;
  }

  @Override
  public List<Entry> list(String folder) throws IOException {
    var entries = new ArrayList<Entry>();
    try {
      RemoteIterator<FileStatus> statuses =
          files.listStatus(folder.isEmpty() ? directory : at(folder));
      while (statuses.hasNext()) {
        FileStatus status = statuses.next();
        entries.add(new Entry(status.getPath().getName(), status.isDirectory(), status.getLen()));
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    entries.sort(Comparator.comparing(Entry::name));
    return entries;
  }

  @Override
  public boolean createExclusive(String name, byte[] bytes) throws IOException {
    FSDataOutputStream out;
    try {
      out = create(name);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (RemoteException e) {
      // What the loser hears while the winner's file is still open.
      if (e.getClassName().endsWith(".AlreadyBeingCreatedException")) {
        return false;
      }
      throw e;
    }
    finish(out, List.of(bytes));
    return true;
  }

  @Override
  public void mkdir(String name) throws IOException {
    makeDirectory();
    files.mkdir(at(name), OWNER_FOLDER, true);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    files.rename(at(from), at(to), Rename.NONE);
  }

  @Override
  public byte[] read(String name) throws IOException {
    Path path = at(name);
    FileStatus status = files.getFileStatus(path);
    if (status.isDirectory()) {
      throw new FileNotFoundException(path + " is a folder");
    }
    try (FSDataInputStream in = files.open(path)) {
      // What an unfinished writer has shown so far counts, its length does not.
      if (status.getLen() > JobFiles.MOST_BYTES) {
        throw JobFiles.tooLarge(path);
      }
      return JobFiles.readSmall(in, path);
    }
  }

  @Override
  public void delete(String name) throws IOException {
    try {
      files.delete(at(name), true);
    } catch (FileNotFoundException e) {
      return; // as wished
    }
  }

  /** A directory that holds something is refused without its effect, in one request. */
  @Override
  public void removeDirectory() throws IOException {
    try {
      files.delete(directory, false);
    } catch (FileNotFoundException e) {
      return; // as wished
    } catch (IOException e) {
      if (list("").isEmpty()) {
        throw e;
      }
    } finally {
      made = false;
    }
  }

  @Override
  public void write(String name, Iterable<byte[]> parts) throws IOException {
    FSDataOutputStream out = create(name);
    boolean written = false;
    try {
      finish(out, parts);
      written = true;
    } finally {
      if (!written) {
        discard(name);
      }
    }
  }

  @Override
  public byte[] read(String name, long offset, long length) throws IOException {
    Path path = at(name);
    int count = JobFiles.rangeLength(files.getFileStatus(path).getLen(), offset, length);
    var bytes = new byte[count];
    try (FSDataInputStream in = files.open(path)) {
      return undamaged(
          () -> {
            in.readFully(offset, bytes);
            return bytes;
          });
    }
  }

  /** One request to the NameNode, and data that the DataNode sends ahead. */
  @Override
  public Reader open(String name) throws IOException {
    FSDataInputStream in = files.open(at(name));
    return new Reader() {
      @Override
      public byte[] read(long offset, int length) throws IOException {
        return undamaged(
            () -> {
              var bytes = new byte[length];
              in.seek(offset);
              in.readFully(bytes);
              return bytes;
            });
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  private interface Reading {
    byte[] bytes() throws IOException;
  }

  private static byte[] undamaged(Reading reading) throws IOException {
    try {
      return reading.bytes();
    } catch (EOFException e) {
      throw new DamagedException("the file ends before");
    } catch (ChecksumException e) {
      throw new DamagedException("no DataNode holds it intact: " + e.getMessage());
    }
  }

  /** In one request, so that no folder comes back that went away after a look at it. */
  private FSDataOutputStream create(String name) throws IOException {
    boolean needsFolder = JobDirectory.needsFolder(name);
    if (needsFolder) {
      lookWhereItIs();
    } else {
      makeDirectory();
    }
    return files.create(
        at(name),
        EnumSet.of(CreateFlag.CREATE),
        CreateOpts.perms(OWNER_FILE),
        needsFolder ? CreateOpts.donotCreateParent() : CreateOpts.createParent());
  }

  private static void finish(FSDataOutputStream out, Iterable<byte[]> parts) throws IOException {
    boolean synced = false;
    try {
      for (byte[] part : parts) {
        out.write(part);
      }
      out.hsync();
      synced = true;
    } finally {
      if (!synced) {
        // It may throw what the write threw, the same object: not a resource of this try.
        IOUtils.closeStream(out);
      }
    }
    out.close();
  }

  /** The file has a name nobody else uses, so what is left of it helps no one. */
  private void discard(String name) {
    try {
      files.delete(at(name), false);
    } catch (IOException e) {
      return; // the failure to write is the news; clean-up by listing finds the rest
    }
  }

  /**
   * Before anything is made in it: the job's directory must not be made in passing, because folders
   * made so get the permissions of the folder above them.
   */
  private void makeDirectory() throws IOException {
    lookWhereItIs();
    if (!made) {
      files.mkdir(directory, OWNER_FOLDER, true);
      made = true;
    }
  }

  /** Once, before anything is made: a viewfs may lead anywhere. */
  private void lookWhereItIs() throws IOException {
    if (!known && directory.toUri().getScheme().equals("viewfs")) {
      Path existing = directory;
      while (existing.getParent() != null && !files.util().exists(existing)) {
        existing = existing.getParent();
      }
      Path target = files.resolvePath(existing);
      if (!target.toUri().getScheme().equals("hdfs")) {
        throw UnsupportedFileSystemException.behindViewfs(directory, target);
      }
    }
    known = true;
  }

  private Path at(String name) throws IOException {
    return new Path(directory, JobFiles.inside(name));
  }
}
