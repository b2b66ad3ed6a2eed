package io.millrace.runtime.client;

import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import java.util.function.Consumer;

/** Carries requests to a JobManager and its answers back; may lose either. */
public interface ClientLine extends AutoCloseable {
  /**
   * Called once, before anything is sent.
   *
   * @param answers takes answers, on any thread, without waiting
   */
  void open(Consumer<ClientAnswer> answers);

  /**
   * Sends the request, or says again what was sent before under its number; need not do the latter
   * while the former copy has not left.
   *
   * @return false if it is lost already, because there is no connection at the moment
   */
  boolean send(ClientRequest request);

  /**
   * Nothing has come back for a while: finds out whether the JobManager is elsewhere by now, and
   * turns there. Must not wait; what was asked for before may be under way still.
   *
   * @return false once it is known that no JobManager will ever answer
   */
  default boolean seek() {
    return true;
  }

  /** Why nothing comes back at the moment, for people. */
  String trouble();

  @Override
  void close();
}
