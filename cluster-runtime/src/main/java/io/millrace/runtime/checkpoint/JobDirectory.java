package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Names inside a job's directory. */
public final class JobDirectory {
  static final String CLAIMS = "claims";
  static final String EPOCHS = "epochs";

  /** Where the state files are. */
  public static final String DATA = "data";

  static final String TMP = "tmp";
  static final String RESULT = "result";
  static final String ADDRESS = "address";
  static final String INTENT = "intent";
  static final String CHECKPOINTED = "checkpointed";
  static final String PROGRAM_END = "program-end";

  private static final String MANIFEST = "manifest-";
  private static final String DEPLOYMENT = "deployment-";
  private static final String CRASH = "crash-";
  private static final String ROLLBACK = "rollback-";
  private static final String RESTARTS = "restarts-";
  private static final String SUBMISSION = "job-";
  private static final String DROPPED = "dropped-";
  private static final String SEALED_BY = ".sealed-by-";

  /**
   * Whether the name stands in a folder that no file may bring back once it is gone. An epoch is
   * made by its owner alone, once: one that was sealed, and so renamed, would be there again, and
   * late renames into it would succeed. State files go with their job: a write that outlives it
   * would leave its file behind for ever.
   */
  public static boolean needsFolder(String name) {
    return name.startsWith(EPOCHS + "/") || name.startsWith(DATA + "/");
  }

  static String claim(Epoch epoch) {
    return CLAIMS + "/" + epoch.label();
  }

  static String open(Epoch epoch) {
    return EPOCHS + "/" + epoch.label();
  }

  static String sealed(Epoch lower, Epoch by) {
    return open(lower) + SEALED_BY + by.label();
  }

  static String inEpoch(Epoch epoch, String name) {
    return open(epoch) + "/" + name;
  }

  /** So that names sort like numbers, of which none is negative. */
  private static String padded(long number, int width) {
    String digits = Long.toString(number);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  static String manifest(long checkpoint) {
    return MANIFEST + padded(checkpoint, 19);
  }

  static String deployment(int generation) {
    return DEPLOYMENT + padded(generation, 10);
  }

  static String crash(int attempt) {
    return CRASH + padded(attempt, 10);
  }

  static String rollback(int number) {
    return ROLLBACK + padded(number, 10);
  }

  static String restarts(int count) {
    return RESTARTS + padded(count, 10);
  }

  static String submission(long number) {
    return SUBMISSION + padded(number, 19);
  }

  /** What a manifest's file is called once nobody may start from it any more. */
  static String dropped(String manifest) {
    return DROPPED + manifest;
  }

  /** The checkpoint of a manifest that nobody may start from any more. */
  static OptionalLong droppedOf(String name) {
    return numberAfter(DROPPED + MANIFEST, name);
  }

  /** Where the manifest is as long as the epoch lasts; relative to the job's directory. */
  public static String manifestFile(Epoch epoch, long checkpoint) {
    return inEpoch(epoch, manifest(checkpoint));
  }

  /**
   * The name of a new state file.
   *
   * @param writer unique among the job's TaskManagers; made harmless in a file name
   * @param number unique within the writer
   */
  public static String stateFile(Epoch epoch, long checkpoint, String writer, long number) {
    return DATA
        + "/"
        + epoch.label()
        + "-"
        + padded(checkpoint, 19)
        + "-"
        + writer.replaceAll("[^A-Za-z0-9_.]", "_")
        + "-"
        + number;
  }

  /** Whether a state file was made for that checkpoint, whose ids no two epochs share. */
  static boolean isOfCheckpoint(String stateFile, long checkpoint) {
    String name = last(stateFile);
    return name.startsWith("-" + padded(checkpoint, 19) + "-", 13) && epochOf(name).isPresent();
  }

  /** The checkpoint of a manifest's file name. */
  static OptionalLong checkpointOf(String name) {
    return numberAfter(MANIFEST, name);
  }

  static OptionalLong generationOf(String name) {
    return numberAfter(DEPLOYMENT, name);
  }

  /** The JobManager's attempt of a crash's file name. */
  static OptionalLong crashOf(String name) {
    return numberAfter(CRASH, name);
  }

  /** The number of a job that a cluster was given. */
  static OptionalLong submissionOf(String name) {
    return numberAfter(SUBMISSION, name);
  }

  /** Which rollback of the job a file says. */
  static OptionalLong rollbackOf(String name) {
    return numberAfter(ROLLBACK, name);
  }

  /** How many restarts of the job a file says. */
  static OptionalLong restartsOf(String name) {
    return numberAfter(RESTARTS, name);
  }

  private static OptionalLong numberAfter(String prefix, String name) {
    if (name.startsWith(prefix) && name.substring(prefix.length()).matches("[0-9]{1,19}")) {
      try {
        return OptionalLong.of(Long.parseLong(name.substring(prefix.length())));
      } catch (NumberFormatException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  /** The epoch that a name starts with: of a claim, a folder of facts, a state or tmp file. */
  static Optional<Epoch> epochOf(String name) {
    return name.length() >= 13 ? parse(name.substring(0, 13)) : Optional.empty();
  }

  /** The epoch of a folder of facts that is not sealed. */
  static Optional<Epoch> openEpochOf(String name) {
    return name.length() == 13 ? parse(name) : Optional.empty();
  }

  /** The epoch that sealed a folder of facts. */
  static Optional<Epoch> sealerOf(String name) {
    int mark = name.indexOf(SEALED_BY);
    return mark == 13 ? parse(name.substring(mark + SEALED_BY.length())) : Optional.empty();
  }

  private static Optional<Epoch> parse(String label) {
    try {
      return Optional.of(Epoch.parse(label));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The folder that a name stands in; empty if that is the job's directory itself. */
  static String parent(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('/')));
  }

  static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** Whether the listing of the name's folder holds it. */
  static boolean contains(List<DurableNames.Entry> listing, String name) {
    String last = last(name);
    return listing.stream().anyMatch(entry -> entry.name().equals(last));
  }

  private JobDirectory() {}
}
