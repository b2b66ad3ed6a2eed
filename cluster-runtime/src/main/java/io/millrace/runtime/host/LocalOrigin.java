package io.millrace.runtime.host;

import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.FileConnector;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files of this machine by their path; all else through the connector for files. */
final class LocalOrigin implements FileOrigin {
  @Override
  public InputStream open(String location) throws IOException {
    if (!isLocal(location)) {
      return ExecutionDoor.files().open(location);
    }
    try {
      return Files.newInputStream(Path.of(location));
    } catch (NoSuchFileException e) {
      throw missing(location, e);
    }
  }

  @Override
  public State state(String location) throws IOException {
    if (!isLocal(location)) {
      FileConnector.Facts facts = ExecutionDoor.files().facts(location);
      return new State(facts.length(), facts.modifiedMillis());
    }
    try {
      Path path = Path.of(location);
      return new State(Files.size(path), Files.getLastModifiedTime(path).toMillis());
    } catch (NoSuchFileException e) {
      throw missing(location, e);
    }
  }

  private static FileNotFoundException missing(String location, IOException cause) {
    var missing = new FileNotFoundException(location + " does not exist");
    missing.initCause(cause);
    return missing;
  }

  private static boolean isLocal(String location) {
    return Path.of(location).isAbsolute();
  }
}
