package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.Arrays;

/**
 * Adds a fact to the open epoch: written beside it, then renamed into it, which fails once the
 * epoch is sealed.
 */
public final class WriteFact extends Steps<Written> {
  private static final int MAX_FILES = 9;

  private final Epoch epoch;
  private final String name;
  private final byte[] bytes;
  private final String draft;

  /**
   * @param unique among all writes in this epoch
   */
  private WriteFact(Epoch epoch, String name, Fact fact, long unique) {
    this.epoch = epoch;
    this.name = JobDirectory.inEpoch(epoch, name);
    this.bytes = Facts.encode(fact);
    this.draft = JobDirectory.TMP + "/" + epoch.label() + "-" + unique + "-" + name;
  }

  /** Makes a checkpoint complete. */
  public static WriteFact manifest(Epoch epoch, Manifest manifest, long unique) {
    return new WriteFact(epoch, JobDirectory.manifest(manifest.checkpoint()), manifest, unique);
  }

  public static WriteFact deployment(Epoch epoch, DeploymentRecord record, long unique) {
    return new WriteFact(epoch, JobDirectory.deployment(record.generation()), record, unique);
  }

  public static WriteFact intent(Epoch epoch, Intent intent, long unique) {
    return new WriteFact(epoch, JobDirectory.INTENT, intent, unique);
  }

  public static WriteFact result(Epoch epoch, JobResult result, long unique) {
    return new WriteFact(epoch, JobDirectory.RESULT, result, unique);
  }

  static WriteFact address(ControlAddress address) {
    return new WriteFact(address.epoch(), JobDirectory.ADDRESS, address, 0);
  }

  public static WriteFact crash(Epoch epoch, Crash crash, long unique) {
    return new WriteFact(epoch, JobDirectory.crash(crash.attempt()), crash, unique);
  }

  static WriteFact checkpointed(Epoch epoch, long first, long unique) {
    return new WriteFact(epoch, JobDirectory.CHECKPOINTED, new Checkpointed(first), unique);
  }

  public static WriteFact restarts(Epoch epoch, Restarts restarts, long unique) {
    return new WriteFact(epoch, JobDirectory.restarts(restarts.count()), restarts, unique);
  }

  /** Puts a job on the docket. */
  public static WriteFact submission(Epoch epoch, Submission submission, long unique) {
    return new WriteFact(epoch, JobDirectory.submission(submission.number()), submission, unique);
  }

  /** Says that the main() whose jobs stand on the docket has ended. */
  public static WriteFact programEnd(Epoch epoch, ProgramEnd end, long unique) {
    return new WriteFact(epoch, JobDirectory.PROGRAM_END, end, unique);
  }

  static WriteFact rollback(Epoch epoch, Rollback rollback, long unique) {
    return new WriteFact(epoch, JobDirectory.rollback(rollback.number()), rollback, unique);
  }

  @Override
  public Step<Written> start() {
    return draft(1);
  }

  /** A failed create may have left half a file: every try has a name of its own. */
  private Step<Written> draft(int number) {
    String file = draft + "." + number;
    return once(
        new NameOp.CreateExclusive(file, bytes),
        outcome -> {
          if (outcome instanceof Outcome.Created created && created.created()) {
            return moveIn(file);
          } else if (number == MAX_FILES) {
            return new Step.Failed<>("cannot create " + file + ": " + outcome);
          }
          return draft(number + 1);
        });
  }

  private Step<Written> moveIn(String file) {
    return move(
        file,
        name,
        JobDirectory.open(epoch),
        moved ->
            switch (moved) {
              case DONE -> done(Written.Verdict.DONE, name);
              case TARGET_PRESENT -> compare(file);
              case FENCED -> done(Written.Verdict.FENCED, "epoch " + epoch + " is sealed");
              case SOURCE_GONE -> done(Written.Verdict.SOURCE_GONE, file + " is gone");
            });
  }

  private Step<Written> compare(String file) {
    return read(
        name,
        content -> {
          if (content.isEmpty()) {
            return moveIn(file); // sealed since the look: the next look says so
          }
          return Arrays.equals(content.get(), bytes)
              ? done(Written.Verdict.DONE, name)
              : done(Written.Verdict.CONFLICT, name + " holds something else");
        });
  }

  private static Step<Written> done(Written.Verdict verdict, String detail) {
    return new Step.Done<>(new Written(verdict, detail));
  }
}
