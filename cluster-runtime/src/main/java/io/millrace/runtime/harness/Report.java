package io.millrace.runtime.harness;

import java.util.ArrayList;
import java.util.List;

/** What was done to an operator, to be told if it does not answer as it should. */
final class Report {
  private final String what;
  private final Conditions under;
  private final List<Object> steps = new ArrayList<>();

  /** What two lists of records have in common. */
  enum Match {
    SAME_ORDER,
    SAME,
    /** All that is expected, some of it perhaps again. */
    AT_LEAST,
    /** Nothing else. */
    AT_MOST
  }

  Report(String what, Conditions under) {
    this.what = what;
    this.under = under;
  }

  void step(Step step) {
    steps.add(step);
  }

  /** Something that is no step of the script. */
  void note(String text) {
    steps.add(text);
  }

  /** A failure of the operator is told as well. */
  void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      throw new AssertionError(story("fails: " + e.getMessage()), e);
    }
  }

  void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(story(otherwise));
    }
  }

  void compare(List<List<String>> expected, List<List<String>> actual, Match match) {
    for (int output = 0; output < expected.size(); output++) {
      List<String> due = expected.get(output);
      List<String> shown = actual.get(output);
      List<String> missing = match == Match.AT_MOST ? List.of() : without(due, shown);
      List<String> surplus = match == Match.AT_LEAST ? List.of() : without(shown, due);
      boolean asItShould =
          match == Match.SAME_ORDER ? due.equals(shown) : missing.isEmpty() && surplus.isEmpty();
      if (!asItShould) {
        throw new AssertionError(
            story(
                "output "
                    + output
                    + " differs from what comes undisturbed\n  missing:  "
                    + missing
                    + "\n  too many: "
                    + surplus
                    + "\n  expected: "
                    + due
                    + "\n  actual:   "
                    + shown));
      }
    }
  }

  private static List<String> without(List<String> some, List<String> others) {
    var left = new ArrayList<>(some);
    others.forEach(left::remove);
    return left;
  }

  private String story(String outcome) {
    var story = new StringBuilder("when " + what + " (" + under + "),\n");
    for (int i = 0; i < steps.size(); i++) {
      story.append("  ").append(i + 1).append(". ").append(steps.get(i)).append('\n');
    }
    return story.append(outcome).toString();
  }
}
