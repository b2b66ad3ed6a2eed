package io.millrace.runtime.state;

/**
 * What a state's values mean beside what its types say, which stands behind them in checkpoints.
 */
final class Meaning {
  /** Is in no name of a type. */
  private static final String MARK = ": ";

  /** The types with their meaning behind them, as checkpoints have them. */
  static String join(String types, String meaning) {
    return meaning.isEmpty() ? types : types + MARK + meaning;
  }

  /** Empty if there is none. */
  static String of(String types) {
    int mark = types.indexOf(MARK);
    return mark < 0 ? "" : types.substring(mark + MARK.length());
  }

  /** Whether one may be read as the other; what earlier builds have written says nothing. */
  static boolean agree(String types, String others) {
    String one = of(types);
    String other = of(others);
    return one.isEmpty() || other.isEmpty() || one.equals(other);
  }

  private Meaning() {}
}
