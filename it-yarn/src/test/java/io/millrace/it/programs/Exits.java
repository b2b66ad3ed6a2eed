package io.millrace.it.programs;

/** Ends the JVM as if all were well. */
public final class Exits {
  public static void main(String[] words) {
    System.exit(0);
  }

  private Exits() {}
}
