package io.millrace.runtime.kernel;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** The world as an actor sees it. */
public interface Env {
  Clock now();

  RandomGenerator random();

  /**
   * Sends without waiting and without a promise of delivery; messages between two actors arrive in
   * order or not at all.
   */
  void send(Address to, Message message);

  /**
   * Brings the message back to this actor, from {@link Address#SELF}, after the time has passed.
   */
  void after(Duration delay, Message toSelf);

  /**
   * Runs work that may wait, off this actor's thread, and brings its answer back from {@link
   * Address#SELF}. Work in one lane starts in the order given.
   *
   * @param failed makes the answer if the work throws
   */
  void offload(
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed);
}
