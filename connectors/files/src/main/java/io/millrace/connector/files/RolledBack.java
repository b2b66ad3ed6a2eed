package io.millrace.connector.files;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checkpoints whose output was taken back.
 *
 * @param after not this one
 * @param upTo this one too
 */
record RolledBack(long after, long upTo) {
  /** How names of files end that are shown: with the checkpoint that they were cut for. */
  private static final Pattern CUT_FOR = Pattern.compile("-c([0-9]{1,18})$");

  private static final Pattern MARKER = Pattern.compile("-after([0-9]{1,18})-upto([0-9]{1,18})$");

  static String cutFor(String name, long checkpoint) {
    return name + "-c" + checkpoint;
  }

  /** For which one the file of that name was cut. */
  static OptionalLong checkpointOf(String name) {
    Matcher cut = CUT_FOR.matcher(name);
    return cut.find() ? OptionalLong.of(Long.parseLong(cut.group(1))) : OptionalLong.empty();
  }

  /** Whether the name is that of a file which was cut for one of the checkpoints. */
  boolean includes(String name) {
    OptionalLong checkpoint = checkpointOf(name);
    return checkpoint.isPresent() && includes(checkpoint.getAsLong());
  }

  boolean includes(long checkpoint) {
    return checkpoint > after && checkpoint <= upTo;
  }

  /** The name of a file that tells it. */
  String marker(String tag) {
    return tag + "-after" + after + "-upto" + upTo;
  }

  static Optional<RolledBack> ofMarker(String name, String tag) {
    Matcher marker = MARKER.matcher(name);
    return name.startsWith(tag) && marker.find()
        ? Optional.of(
            new RolledBack(Long.parseLong(marker.group(1)), Long.parseLong(marker.group(2))))
        : Optional.empty();
  }
}
