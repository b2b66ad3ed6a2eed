package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;

/** The one window that holds all records of a key. */
public record GlobalWindow() implements Window {
  /** The type of this window. */
  public static final TypeInformation<GlobalWindow> TYPE = TypeInformation.of(GlobalWindow.class);

  private static final GlobalWindow ONLY = new GlobalWindow();

  /** The window; all of them are equal. */
  public static GlobalWindow get() {
    return ONLY;
  }

  @Override
  public long maxTimestamp() {
    return Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return "GlobalWindow";
  }
}
