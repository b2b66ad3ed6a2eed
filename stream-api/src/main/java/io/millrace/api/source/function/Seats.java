package io.millrace.api.source.function;

import io.millrace.api.connector.SplitEnumerator;
import java.util.Arrays;
import java.util.Optional;

/** Gives each reader its seat, once. */
final class Seats implements SplitEnumerator<Seat> {
  private static final byte FREE = 0;
  private static final byte TAKEN = 1;
  private static final byte OVER = 2;

  /** Of each reader. */
  private final byte[] states;

  Seats(int readers, Optional<byte[]> restored) {
    states = new byte[readers];
    if (restored.isEmpty()) {
      return;
    }
    byte[] before = restored.get();
    if (before.length == readers) {
      System.arraycopy(before, 0, states, 0, readers);
    } else if (allOver(before)) {
      Arrays.fill(states, OVER);
    }
    // Else their state has been dealt out anew, so all of them have something to go on with.
  }

  private static boolean allOver(byte[] states) {
    for (byte state : states) {
      if (state != OVER) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Optional<Seat> next(int reader) {
    if (states[reader] == FREE) {
      states[reader] = TAKEN;
      return Optional.of(new Seat(reader, states.length));
    }
    states[reader] = OVER;
    return Optional.empty();
  }

  @Override
  public boolean finishedFor(int reader) {
    return states[reader] == OVER;
  }

  @Override
  public byte[] snapshot() {
    return states.clone();
  }
}
