package io.millrace.runtime.taskmanager;

import io.millrace.api.type.Shape;
import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.task.FrozenChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;

/** What written records in flight are made of. */
public final class InFlightContents {
  /**
   * Reads no more than the first part. May wait.
   *
   * @param directory that names of files are relative to
   * @return empty if nothing was in the channel
   * @throws IOException also if it is not what was written
   */
  public static Optional<Shape> shape(ChannelState channel, String directory, CheckpointStore store)
      throws IOException {
    Iterator<byte[]> parts =
        LargeState.parts(channel.elements(), LargeState.Parts.IN_FLIGHT, directory, store)
            .iterator();
    try {
      return parts.hasNext() ? Optional.of(FrozenChannel.shapeOf(parts.next())) : Optional.empty();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private InFlightContents() {}
}
