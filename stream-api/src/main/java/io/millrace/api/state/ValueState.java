package io.millrace.api.state;

/**
 * One value per key.
 *
 * <p>A mutable value that was read may be changed only if it is handed to {@link #update} before
 * the function returns.
 */
public interface ValueState<T> extends State {
  /** The value of the current key, {@code null} if there is none. */
  T value();

  /** Keeps the value for the current key; {@code null} forgets it. */
  void update(T value);
}
