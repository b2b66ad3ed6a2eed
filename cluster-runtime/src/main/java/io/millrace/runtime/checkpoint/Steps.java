package io.millrace.runtime.checkpoint;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Base of the procedures: remembers what happens with the next outcome, repeats what failed a
 * bounded number of times, and knows how to move a name and find out whether it moved.
 */
abstract class Steps<R> implements Procedure<R> {
  private static final int PATIENCE = 8;

  private Function<Outcome, Step<R>> next;

  @Override
  public final Step<R> on(Outcome outcome) {
    return next.apply(outcome);
  }

  /** What came of a move. */
  enum Moved {
    DONE,
    /** The target exists; whether it is what was moved is the caller's to find out. */
    TARGET_PRESENT,
    /** The epoch is not open any more. */
    FENCED,
    SOURCE_GONE
  }

  /** Does the operation once; failures go to the caller. */
  final Step<R> once(NameOp op, Function<Outcome, Step<R>> then) {
    return attempt(op, 0, then);
  }

  private Step<R> attempt(NameOp op, int failures, Function<Outcome, Step<R>> then) {
    next = then;
    return new Step.Do<>(op, failures);
  }

  /** Does an operation that may be repeated until it succeeds or patience ends. */
  final Step<R> insist(NameOp op, Function<Outcome, Step<R>> then) {
    return insist(op, 0, then);
  }

  private Step<R> insist(NameOp op, int failures, Function<Outcome, Step<R>> then) {
    return attempt(
        op,
        failures,
        outcome -> {
          if (outcome instanceof Outcome.Failed failed) {
            return failures == PATIENCE
                ? new Step.Failed<>(describe(op) + " failed: " + failed.reason())
                : insist(op, failures + 1, then);
          }
          return then.apply(outcome);
        });
  }

  final Step<R> list(String folder, Function<List<DurableNames.Entry>, Step<R>> then) {
    return insist(
        new NameOp.ListFolder(folder), outcome -> then.apply(((Outcome.Listed) outcome).entries()));
  }

  final Step<R> read(String name, Function<Optional<byte[]>, Step<R>> then) {
    return insist(
        new NameOp.Read(name),
        outcome ->
            then.apply(
                outcome instanceof Outcome.Content content
                    ? Optional.of(content.bytes())
                    : Optional.empty()));
  }

  /**
   * Renames into, or out of, the open epoch. After a failure nothing is concluded from the error:
   * it looks at both ends and at the epoch, because an acknowledgement may be lost and every cause
   * comes as the same exception.
   */
  final Step<R> move(String from, String to, String openEpoch, Function<Moved, Step<R>> then) {
    return move(from, to, openEpoch, 0, then);
  }

  private Step<R> move(
      String from, String to, String openEpoch, int failures, Function<Moved, Step<R>> then) {
    return attempt(
        new NameOp.Rename(from, to),
        failures,
        outcome ->
            outcome instanceof Outcome.Failed failed
                ? look(from, to, openEpoch, failures, failed.reason(), then)
                : then.apply(Moved.DONE));
  }

  private Step<R> look(
      String from,
      String to,
      String openEpoch,
      int failures,
      String reason,
      Function<Moved, Step<R>> then) {
    return list(
        JobDirectory.parent(to),
        targets -> {
          if (JobDirectory.contains(targets, to)) {
            return then.apply(Moved.TARGET_PRESENT);
          }
          return list(
              JobDirectory.EPOCHS,
              epochs -> {
                if (!JobDirectory.contains(epochs, openEpoch)) {
                  return then.apply(Moved.FENCED);
                }
                return list(
                    JobDirectory.parent(from),
                    sources -> {
                      if (!JobDirectory.contains(sources, from)) {
                        return lookAgain(to, then);
                      }
                      return failures == PATIENCE
                          ? new Step.Failed<>("moving " + from + " to " + to + ": " + reason)
                          : move(from, to, openEpoch, failures + 1, then);
                    });
              });
        });
  }

  /** The rename may have come through between the looks at its two ends. */
  private Step<R> lookAgain(String to, Function<Moved, Step<R>> then) {
    return list(
        JobDirectory.parent(to),
        targets ->
            then.apply(
                JobDirectory.contains(targets, to) ? Moved.TARGET_PRESENT : Moved.SOURCE_GONE));
  }

  /** Goes through another procedure on the way. */
  final <S> Step<R> through(Procedure<S> inner, Function<S, Step<R>> then) {
    return through(inner, then, Step.Failed::new);
  }

  /**
   * @param failed goes on where that procedure did not come to its end, for the reason given
   */
  final <S> Step<R> through(
      Procedure<S> inner, Function<S, Step<R>> then, Function<String, Step<R>> failed) {
    return relay(inner, inner.start(), then, failed);
  }

  private <S> Step<R> relay(
      Procedure<S> inner,
      Step<S> step,
      Function<S, Step<R>> then,
      Function<String, Step<R>> failed) {
    if (step instanceof Step.Do<S> wanted) {
      return attempt(
          wanted.op(), wanted.failures(), outcome -> relay(inner, inner.on(outcome), then, failed));
    } else if (step instanceof Step.Failed<S> end) {
      return failed.apply(end.reason());
    }
    return then.apply(((Step.Done<S>) step).result());
  }

  private static String describe(NameOp op) {
    if (op instanceof NameOp.ListFolder list) {
      return "listing " + list.folder();
    } else if (op instanceof NameOp.Read read) {
      return "reading " + read.name();
    } else if (op instanceof NameOp.Delete delete) {
      return "deleting " + delete.name();
    } else if (op instanceof NameOp.RemoveDirectory) {
      return "removing the directory";
    }
    return op.getClass().getSimpleName();
  }
}
