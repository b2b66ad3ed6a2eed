package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.util.Optional;

/** What is done with the sinks of jobs beside their tasks; each call may take long. */
record SinkWork(Env env, CheckpointStore store, UserClasses userClasses) {
  /**
   * Nothing outside of the store knows epochs, so whoever slept until a successor had ended the job
   * would take its places for good: looks for a higher claim in the same breath.
   */
  void acquire(JobSpec spec, Effect.AcquireSinks acquire) {
    env.offload(
        Lane.SINK,
        () -> {
          Optional<Epoch> successor = successor(spec, acquire.epoch());
          return new OwnMessage.ForJob(
              spec.job(),
              successor.isPresent()
                  ? new JobEvent.SinksSuperseded(successor.get())
                  : new JobEvent.SinksAcquired(take(spec, acquire)));
        },
        e -> new OwnMessage.ForJob(spec.job(), new JobEvent.SinksRefused(SinkFailure.of(e))));
  }

  private Optional<Epoch> successor(JobSpec spec, Epoch mine) throws IOException {
    Step<FindHigherClaim.Standing> answer =
        Procedure.run(new FindHigherClaim(mine), store.names(store.directoryOf(spec.job())));
    if (answer instanceof Step.Done<FindHigherClaim.Standing> done) {
      return done.result().higher().filter(higher -> higher.attempt() > mine.attempt());
    }
    throw new IOException(((Step.Failed<FindHigherClaim.Standing>) answer).reason());
  }

  /** The highest checkpoint that a sink has output of. */
  private long take(JobSpec spec, Effect.AcquireSinks acquire) throws Exception {
    Settlement settlement = settlement(spec, acquire.lineage());
    long highest = settlement.acquire(acquire.from());
    if (acquire.takeBack().isPresent()) {
      Effect.TakeBack what = acquire.takeBack().get();
      settlement.rollback(what.to(), what.upTo());
    }
    return highest;
  }

  void settle(JobSpec spec, Effect.Settle settle) {
    env.offload(
        Lane.SINK,
        () -> {
          Settlement settlement = settlement(spec, settle.lineage());
          if (settle.takeBack().isPresent()) {
            Effect.TakeBack what = settle.takeBack().get();
            settlement.finishRollback(what.to(), what.upTo());
          }
          if (settle.newest().isPresent()) {
            settlement.commit(settle.newest().get());
          }
          if (settle.deletePending()) {
            settlement.settle(settle.finished());
          }
          return new OwnMessage.ForJob(spec.job(), new JobEvent.Settled(Optional.empty()));
        },
        e ->
            new OwnMessage.ForJob(
                spec.job(), new JobEvent.Settled(Optional.of(SinkFailure.of(e)))));
  }

  private Settlement settlement(JobSpec spec, String lineage) throws IOException {
    return new Settlement(
        spec.job(), spec.graph(), lineage, userClasses.open(spec.job(), spec.jars()));
  }
}
