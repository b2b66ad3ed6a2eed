package io.millrace.api.state;

/** Something kept per key. */
public interface State {
  /** Forgets what is kept for the current key. */
  void clear();
}
