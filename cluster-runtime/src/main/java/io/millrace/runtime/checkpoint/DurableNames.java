package io.millrace.runtime.checkpoint;

import java.io.IOException;
import java.util.List;

/**
 * Small files and folders of one job, by name relative to its directory ({@code
 * claims/00001-0000001}). Seven operations, each atomic in its effect, each of which may fail with
 * or without having had it.
 */
public interface DurableNames {
  /**
   * Names directly inside the folder, sorted, folders without a mark; empty if there is no such
   * folder.
   *
   * @param folder empty for the job's directory itself
   */
  List<Entry> list(String folder) throws IOException;

  /**
   * Creates a file that holds the bytes; false if the name exists already. Makes missing parents,
   * but fails where a file {@linkplain JobDirectory#needsFolder needs its folder}.
   */
  boolean createExclusive(String name, byte[] bytes) throws IOException;

  /** Makes a folder and its parents; fine if it exists. */
  void mkdir(String name) throws IOException;

  /**
   * Moves a file or folder to a name that does not exist in a folder that exists; never into a
   * folder, never over anything. Fails otherwise; why is found out by looking, not from the
   * exception.
   */
  void rename(String from, String to) throws IOException;

  /**
   * @throws java.io.FileNotFoundException if there is no such file
   */
  byte[] read(String name) throws IOException;

  /**
   * Deletes a file, or a folder with all it holds; fine if there is none, nor is the directory made
   * for it.
   */
  void delete(String name) throws IOException;

  /**
   * Removes the directory itself if nothing is in it any more; fine if something is, which stays,
   * or if there is none. It is made again with the first file or folder in it that needs no folder.
   */
  void removeDirectory() throws IOException;

  /**
   * @param length in bytes; 0 for a folder
   */
  record Entry(String name, boolean folder, long length) {}
}
