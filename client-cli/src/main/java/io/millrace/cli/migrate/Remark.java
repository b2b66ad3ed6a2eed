package io.millrace.cli.migrate;

/**
 * Something to do by hand.
 *
 * @param line from 1 on
 */
record Remark(int line, String text) {
  static Remark noCounterpart(int line, String name, Counterparts counterparts) {
    return new Remark(
        line,
        name
            + " has no counterpart"
            + counterparts.remedy(name).map(remedy -> ": " + remedy).orElse(""));
  }
}
