package io.millrace.runtime.task;

import java.io.IOException;

/**
 * Local disk of the process, for what a task cannot keep in memory for now. The only calls of a
 * step that may wait, and then no longer than the disk does.
 */
public interface LocalDisk {
  /**
   * Makes an empty file that nobody else can open.
   *
   * @param name of the task, for people
   * @throws IOException naming the path, the reason and how much is free there
   */
  Scratch create(String name) throws IOException;

  /**
   * A file that is gone once it is closed, or once its process has died. Several threads may use
   * it.
   */
  interface Scratch {
    /** Where it is, for messages. */
    String place();

    /**
     * Writes the first bytes of the array.
     *
     * @throws IOException naming the path, the reason and how much is free there
     */
    void write(long position, byte[] bytes, int length) throws IOException;

    /**
     * Fills the array.
     *
     * @throws IOException naming the path and the reason, such as that the file is shorter
     */
    void read(long position, byte[] bytes) throws IOException;

    /** Gives up the file and its room; fails never. */
    void close();
  }
}
