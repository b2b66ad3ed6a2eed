package io.millrace.it.programs;

/** A main that throws. */
public final class Throws {
  public static void main(String[] words) {
    throw new IllegalStateException("no luck today");
  }

  private Throws() {}
}
