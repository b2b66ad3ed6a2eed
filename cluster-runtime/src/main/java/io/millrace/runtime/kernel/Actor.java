package io.millrace.runtime.kernel;

/**
 * Logic that never waits. One thread at a time calls it; whatever it wants from the world goes
 * through its {@link Env}.
 */
public interface Actor {
  /** Called once, before the first message. */
  void start(Env env);

  /**
   * Takes one message: changes its own fields, sends others. An exception is a broken invariant and
   * ends the process.
   */
  void receive(Address from, Message message);
}
