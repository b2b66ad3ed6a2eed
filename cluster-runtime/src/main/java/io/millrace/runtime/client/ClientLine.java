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
   */
  void send(ClientRequest request);

  /** Why nothing comes back at the moment, for people. */
  String trouble();

  @Override
  void close();
}
