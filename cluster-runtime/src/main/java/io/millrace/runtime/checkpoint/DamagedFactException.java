package io.millrace.runtime.checkpoint;

import java.io.IOException;

/** A small file is not what was written. */
public final class DamagedFactException extends IOException {
  private final Damage damage;

  DamagedFactException(Damage damage, String message) {
    super(message);
    this.damage = damage;
  }

  public Damage damage() {
    return damage;
  }

  /** What is wrong with it. */
  public enum Damage {
    /** Shorter or longer than it says, or empty. */
    LENGTH,
    /** Not a file of ours. */
    MAGIC,
    /** Written by a version that this one does not know. */
    VERSION,
    CHECKSUM,
    /** Intact, but another kind of fact than expected in this place. */
    KIND,
    /** Intact, but its content makes no sense. */
    CONTENT
  }
}
