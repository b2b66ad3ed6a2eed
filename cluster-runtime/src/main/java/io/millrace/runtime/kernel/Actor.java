package io.millrace.runtime.kernel;

import java.util.List;

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

  /**
   * What is to be written down when one of the above has thrown, before the process ends: each may
   * wait, throws nothing, and is done at best, for a bounded time. Nothing is called after this.
   */
  default List<Runnable> lastWords(Throwable broken) {
    return List.of();
  }
}
