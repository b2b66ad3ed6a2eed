package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** Bytes of a checkpoint, covered by a CRC32C. */
public sealed interface StateBytes {
  int crc32c();

  long length();

  /** Small enough to stand where it is named. */
  record Inline(byte[] bytes, int crc32c) implements StateBytes {
    public Inline {
      Objects.requireNonNull(bytes);
    }

    @Override
    public long length() {
      return bytes.length;
    }
  }

  /**
   * A range of a state file.
   *
   * @param file name relative to the job's directory
   * @param sums CRC32C of each {@link Sums#CHUNK} bytes of it, so that whoever reads some of them
   *     knows what they are worth without the others
   */
  record InFile(String file, long offset, long length, int crc32c, List<Integer> sums)
      implements StateBytes {
    public InFile {
      Objects.requireNonNull(file);
      sums = List.copyOf(sums);
    }

    /** Of no more than one chunk. */
    public InFile(String file, long offset, long length, int crc32c) {
      this(file, offset, length, crc32c, List.of(crc32c));
    }
  }

  /**
   * State that stays in the files that its store keeps on local disk. Those that an earlier
   * checkpoint has written are named here again.
   *
   * @param head what is needed to make sense of the files; its CRC32C stands for the whole
   */
  record Files(StateBytes head, List<Piece> pieces) implements StateBytes {
    public Files {
      Objects.requireNonNull(head);
      pieces = List.copyOf(pieces);
    }

    @Override
    public int crc32c() {
      return head.crc32c();
    }

    @Override
    public long length() {
      return leaves().stream().mapToLong(StateBytes::length).sum();
    }
  }

  /**
   * One of these files.
   *
   * @param name that it had on local disk
   * @param lasting whether a later checkpoint of the same store may name it again
   * @param fileBytes length of the state file that it lies in; 0 if it is inline
   */
  record Piece(String name, boolean lasting, long fileBytes, StateBytes bytes) {
    private static final Pattern LOCAL_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    public Piece {
      Objects.requireNonNull(bytes);
      // It becomes the name of a local file, and anybody may have written the manifest.
      if (!LOCAL_NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("no name of a file of state: '" + name + "'");
      }
    }
  }

  /** The single runs of bytes that it is made of. */
  default List<StateBytes> leaves() {
    if (this instanceof Files files) {
      var leaves = new ArrayList<>(files.head().leaves());
      files.pieces().forEach(piece -> leaves.addAll(piece.bytes().leaves()));
      return leaves;
    }
    return List.of(this);
  }

  /** CRC32C of all the bytes. */
  static int crcOf(byte[] bytes) {
    return crcOf(bytes, 0, bytes.length);
  }

  static int crcOf(byte[] bytes, int from, int length) {
    var crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }
}
