package io.millrace.runtime.checkpoint;

import java.util.List;
import java.util.TreeMap;

/** The state files of a directory by their lengths, against what manifests say of them. */
final class StateFiles {
  private final TreeMap<String, Long> lengths = new TreeMap<>();

  /**
   * @param found in {@link JobDirectory#DATA}
   */
  StateFiles(List<DurableNames.Entry> found) {
    found.forEach(file -> lengths.put(JobDirectory.DATA + "/" + file.name(), file.length()));
  }

  /**
   * @throws DamagedFactException if not all is there that the manifest needs
   */
  void check(Manifest manifest) throws DamagedFactException {
    for (SubtaskState state : manifest.states()) {
      for (StateBytes bytes : state.bytes()) {
        for (StateBytes leaf : bytes.leaves()) {
          check(leaf);
        }
      }
    }
  }

  private void check(StateBytes bytes) throws DamagedFactException {
    if (bytes instanceof StateBytes.Inline inline) {
      if (StateBytes.crcOf(inline.bytes()) != inline.crc32c()) {
        throw new DamagedFactException(
            DamagedFactException.Damage.CHECKSUM, "the CRC32C of a state in it differs");
      }
    } else if (bytes instanceof StateBytes.InFile range) {
      Long length = lengths.get(range.file());
      if (length == null) {
        throw new DamagedFactException(
            DamagedFactException.Damage.CONTENT, "needs " + range.file() + ", which is gone");
      } else if (length < range.offset() + range.length()) {
        throw new DamagedFactException(
            DamagedFactException.Damage.CONTENT,
            "needs "
                + (range.offset() + range.length())
                + " bytes of "
                + range.file()
                + ", which has "
                + length);
      }
    }
  }
}
