package io.millrace.api.state;

/** The rule for names of state. */
final class StateName {
  static void check(String name) {
    if (name == null || name.isBlank() || name.length() > 200) {
      throw new IllegalArgumentException(
          "the name of a state needs 1 to 200 characters, found: " + name);
    }
  }

  private StateName() {}
}
