package io.millrace.runtime.host;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Where files that came with a job are read from. From any thread; may wait. */
public interface FileOrigin {
  /**
   * @throws FileNotFoundException if there is no such file
   */
  InputStream open(String location) throws IOException;

  /**
   * How the file is now.
   *
   * @throws FileNotFoundException if there is nothing there
   * @throws IOException also if it is a directory
   */
  State state(String location) throws IOException;

  /**
   * @param length in bytes
   */
  record State(long length, long modifiedMillis) {}
}
