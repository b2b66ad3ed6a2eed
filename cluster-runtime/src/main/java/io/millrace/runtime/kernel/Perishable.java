package io.millrace.runtime.kernel;

/** A message with something that must be given back if it comes too late for anybody to take it. */
public interface Perishable {
  /** Gives it back. Called instead of a delivery, on any thread. */
  void perish();
}
