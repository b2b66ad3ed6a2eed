package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * State as it was at a freeze. As long as it is neither written nor discarded, it costs: copies of
 * what changes, or disk that is not given back.
 */
public interface FrozenState {
  /**
   * Turns it into bytes, half a megabyte at a time, while the store goes on. Called at most once;
   * what it returns is used by one thread, any.
   *
   * @return parts, at least one, each of which {@link StateStore#restore} takes by itself
   */
  Iterator<byte[]> parts();

  /** The files that it is, where it is to stay in them; it has no parts then. */
  default Optional<CapturedRows> captured() {
    return Optional.empty();
  }

  /** Nobody will write it any more. On any thread, as often as one likes. */
  void discard();

  /** All parts one behind the other, for state that is known to be small. */
  default byte[] write() {
    try {
      List<byte[]> parts = new ArrayList<>();
      parts().forEachRemaining(parts::add);
      return joined(parts);
    } finally {
      discard();
    }
  }

  private static byte[] joined(List<byte[]> parts) {
    long length = parts.stream().mapToLong(part -> part.length).sum();
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException("state of " + length + " bytes does not fit in an array");
    }
    byte[] all = new byte[(int) length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
