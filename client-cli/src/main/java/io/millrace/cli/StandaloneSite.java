package io.millrace.cli;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.savepoint.Savepoint;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Machines on which people start a cluster. What a JobManager that has died has left there, the
 * next one goes on with; so nothing is ever cleared away.
 */
record StandaloneSite(CheckpointStore checkpoints) implements Site {
  @Override
  public List<String> cautions() {
    return List.of();
  }

  @Override
  public Savepoint checkpoint(String path) {
    try {
      return Savepoint.load(checkpoints, path);
    } catch (FileNotFoundException e) {
      throw new CommandException(
          "there is no checkpoint at " + path + "; give the path that the failed job printed");
    } catch (CheckpointStore.CorruptStateException e) {
      throw new CommandException(e.getMessage()); // it names the checkpoint
    } catch (IOException | RuntimeException e) {
      throw new CommandException(
          "the checkpoint at " + path + " cannot be read: " + e.getMessage());
    }
  }

  @Override
  public void clean(Optional<String> continued) {}
}
