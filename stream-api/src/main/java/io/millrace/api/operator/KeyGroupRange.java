package io.millrace.api.operator;

/**
 * Key groups that one subtask takes care of.
 *
 * @param first lowest of them
 * @param last highest of them, lower than {@code first} if there is none
 */
public record KeyGroupRange(int first, int last) {
  /** Whether some group is in both. */
  public boolean overlaps(KeyGroupRange other) {
    return first <= other.last && other.first <= last;
  }

  public boolean contains(int group) {
    return first <= group && group <= last;
  }
}
