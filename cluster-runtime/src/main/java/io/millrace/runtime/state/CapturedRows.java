package io.millrace.runtime.state;

import java.util.Objects;

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
}
