package io.millrace.runtime.state;

import java.io.IOException;
import java.util.List;

/**
 * Files of state on local disk, none of which changes once it is there. All calls may wait for that
 * disk. One thread at a time, any, for the folder as a whole and for each file.
 */
public interface StateFolder {
  /** In the order of their names. */
  List<File> files() throws IOException;

  byte[] read(String file, long from, int length) throws IOException;

  /**
   * Sees whether a file is what was once written into it, as far as the file can tell.
   *
   * @throws IOException if it is not; names the file
   */
  void verify(String file) throws IOException;

  /** Makes a file; one that did not become whole is gone again. */
  void write(String file, Iterable<byte[]> parts) throws IOException;

  /** Puts bytes behind those of a file, which is made if it is not there. */
  void append(String file, byte[] part) throws IOException;

  /**
   * Gives a file of another folder a place here as well; copies nothing.
   *
   * @throws IOException also if it is on another disk
   */
  void link(String file, StateFolder from, String fileThere) throws IOException;

  /** Gives up all files and the folder. As often as one likes; fails never. */
  void delete();

  /**
   * @param lasting whether a file of that name in a later folder of the same rows is this very file
   */
  record File(String name, long length, boolean lasting) {}
}
