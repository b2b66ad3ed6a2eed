package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.util.Optional;

/** What is done with the sinks of jobs beside their tasks; each call may take long. */
record SinkWork(Env env, UserClasses userClasses) {
  void acquire(JobSpec spec, Effect.AcquireSinks acquire) {
    env.offload(
        Lane.SINK,
        () -> {
          Settlement settlement = settlement(spec, acquire.lineage());
          long highest = settlement.acquire(acquire.from());
          if (acquire.takeBack().isPresent()) {
            Effect.TakeBack what = acquire.takeBack().get();
            settlement.rollback(what.to(), what.upTo());
          }
          return new OwnMessage.ForJob(
              spec.job(), new JobEvent.SinksAcquired(highest, Optional.empty()));
        },
        e ->
            new OwnMessage.ForJob(
                spec.job(), new JobEvent.SinksAcquired(0, Optional.of(SinkFailure.of(e)))));
  }

  void settle(JobSpec spec, Effect.Settle settle) {
    env.offload(
        Lane.SINK,
        () -> {
          Settlement settlement = settlement(spec, settle.lineage());
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
