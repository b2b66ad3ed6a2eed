package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;

/**
 * Where the JobManager that holds the epoch can be reached. No secret: whoever connects there still
 * has to prove that it belongs to the application.
 */
public record ControlAddress(Epoch epoch, String host, int port) implements Fact {
  @Override
  public String toString() {
    return host + ":" + port + " (epoch " + epoch + ")";
  }
}
