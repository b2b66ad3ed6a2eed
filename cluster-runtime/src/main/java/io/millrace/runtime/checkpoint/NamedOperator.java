package io.millrace.runtime.checkpoint;

import java.util.Objects;

/** An operator of a job as people call it; its state goes by the uid. */
public record NamedOperator(String uid, String name) {
  public NamedOperator {
    Objects.requireNonNull(uid);
    Objects.requireNonNull(name);
  }
}
