package io.millrace.api.window;

/** What happens to a window now. */
public enum TriggerResult {
  /** Nothing. */
  CONTINUE(false, false),
  /** It is computed; its records are forgotten, the window itself goes on. */
  FIRE_AND_PURGE(true, true),
  /** It is computed and keeps its records. */
  FIRE(true, false),
  /** Its records are forgotten. */
  PURGE(false, true);

  private final boolean fire;
  private final boolean purge;

  TriggerResult(boolean fire, boolean purge) {
    this.fire = fire;
    this.purge = purge;
  }

  public boolean isFire() {
    return fire;
  }

  public boolean isPurge() {
    return purge;
  }
}
