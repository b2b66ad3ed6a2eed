package io.millrace.connector.files;

import io.millrace.api.connector.SplitEnumerator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;

/** Splits that no reader has yet, in the order of path and position. */
final class FileEnumerator implements SplitEnumerator<FileSplit> {
  private static final int VERSION = 1;

  /** Below this, opening a file costs more than another reader gains. */
  private static final long LEAST_SPLIT_BYTES = 4 << 20;

  private static final int SPLITS_PER_READER = 2;

  private final ArrayDeque<FileSplit> splits;

  private FileEnumerator(ArrayDeque<FileSplit> splits) {
    this.splits = splits;
  }

  /** Cuts the files so that all readers have something to do. */
  static FileEnumerator over(List<FileStatus> files, long mostBytes, int readers) {
    long total = files.stream().mapToLong(FileStatus::getLen).sum();
    long share = Math.max(LEAST_SPLIT_BYTES, total / readers / SPLITS_PER_READER + 1);
    long size = Math.min(mostBytes, share);
    var splits = new ArrayDeque<FileSplit>();
    for (FileStatus file : files) {
      String path = file.getPath().toString();
      long length = file.getLen();
      if (FileSplit.isCompressed(path)) {
        splits.add(FileSplit.compressed(path, length));
        continue;
      }
      for (long from = 0; from < length; from += size) {
        splits.add(FileSplit.range(path, length, from, Math.min(length, from + size)));
      }
    }
    return new FileEnumerator(splits);
  }

  static FileEnumerator restored(byte[] snapshot) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(snapshot));
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException(
          "the checkpoint's list of input files is of version " + version + ", not " + VERSION);
    }
    var splits = new ArrayDeque<FileSplit>();
    for (int left = in.readInt(); left > 0; left--) {
      splits.add(
          new FileSplit(
              in.readUTF(), in.readLong(), in.readLong(), in.readLong(), in.readBoolean()));
    }
    return new FileEnumerator(splits);
  }

  @Override
  public Optional<FileSplit> next(int reader) {
    return Optional.ofNullable(splits.poll());
  }

  @Override
  public boolean finishedFor(int reader) {
    return splits.isEmpty();
  }

  @Override
  public byte[] snapshot() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(VERSION);
    out.writeInt(splits.size());
    for (FileSplit split : splits) {
      out.writeUTF(split.path());
      out.writeLong(split.length());
      out.writeLong(split.end());
      out.writeLong(split.position());
      out.writeBoolean(split.aligned());
    }
    return bytes.toByteArray();
  }
}
