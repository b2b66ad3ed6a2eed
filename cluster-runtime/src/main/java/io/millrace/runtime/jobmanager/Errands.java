package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.Outcome;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Procedures under way: one operation at a time goes out, its outcome brings the next. */
final class Errands {
  private final Env env;
  private final CheckpointStore store;
  private final TreeMap<Long, Errand<?>> underWay = new TreeMap<>();
  private long lastNumber;

  Errands(Env env, CheckpointStore store) {
    this.env = env;
    this.store = store;
  }

  private static final class Errand<R> {
    final long number;
    final String directory;
    final Procedure<R> procedure;
    final Function<Step<R>, OwnMessage> answer;
    Step.Do<R> next;

    Errand(
        long number,
        String directory,
        Procedure<R> procedure,
        Function<Step<R>, OwnMessage> answer) {
      this.number = number;
      this.directory = directory;
      this.procedure = procedure;
      this.answer = answer;
    }
  }

  /**
   * @param directory whose names it is about
   * @param answer what its last step comes to
   */
  <R> void start(String directory, Procedure<R> procedure, Function<Step<R>, OwnMessage> answer) {
    var errand = new Errand<R>(++lastNumber, directory, procedure, answer);
    underWay.put(errand.number, errand);
    Step<R> first = errand.procedure.start();
    if (first instanceof Step.Do<R> next) {
      errand.next = next;
      goOut(errand);
    } else {
      underWay.remove(errand.number);
      env.after(Duration.ZERO, errand.answer.apply(first));
    }
  }

  /** The outcome of an operation; the procedure's end if there is none further. */
  Optional<OwnMessage> on(OwnMessage.OpDone done) {
    Errand<?> errand = underWay.get(done.procedure());
    return errand == null ? Optional.empty() : advance(errand, done.outcome());
  }

  void on(OwnMessage.OpDue due) {
    Errand<?> errand = underWay.get(due.procedure());
    if (errand != null) {
      doIt(errand);
    }
  }

  private <R> Optional<OwnMessage> advance(Errand<R> errand, Outcome outcome) {
    Step<R> step = errand.procedure.on(outcome);
    if (step instanceof Step.Do<R> next) {
      errand.next = next;
      goOut(errand);
      return Optional.empty();
    }
    underWay.remove(errand.number);
    return Optional.of(errand.answer.apply(step));
  }

  private void goOut(Errand<?> errand) {
    if (errand.next.pause().isZero()) {
      doIt(errand);
    } else {
      env.after(errand.next.pause(), new OwnMessage.OpDue(errand.number));
    }
  }

  private void doIt(Errand<?> errand) {
    var op = errand.next.op();
    String directory = errand.directory;
    long number = errand.number;
    env.offload(
        Lane.FACTS,
        () -> {
          DurableNames names = store.names(directory);
          return new OwnMessage.OpDone(number, op.apply(names));
        },
        failure -> new OwnMessage.OpDone(number, new Outcome.Failed(failure.toString())));
  }
}
