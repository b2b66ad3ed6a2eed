package io.millrace.runtime.state;

import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;

/**
 * All rows of a {@link RowStateStore} as files, and what is needed to make sense of them.
 *
 * @param head in the store's own form
 * @param folder belongs to whoever has this
 */
public record CapturedRows(byte[] head, StateFolder folder) {
  public CapturedRows {
    Objects.requireNonNull(head);
    Objects.requireNonNull(folder);
  }

  /** As what a store has frozen. */
  FrozenState frozen() {
    return new FrozenState() {
      @Override
      public Iterator<byte[]> parts() {
        throw new IllegalStateException("state that stays in files has no parts");
      }

      @Override
      public Optional<CapturedRows> captured() {
        return Optional.of(CapturedRows.this);
      }

      @Override
      public void discard() {
        folder.delete();
      }
    };
  }
}
