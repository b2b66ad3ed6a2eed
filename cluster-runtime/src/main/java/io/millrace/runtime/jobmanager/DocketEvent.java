package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedDocket;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;

/** What happens to a {@link Docket}. */
sealed interface DocketEvent {
  record ClaimEnded(Epoch epoch, Step<Claim.Result<ClaimedDocket>> step) implements DocketEvent {}

  /** The store has had time to recover. */
  record ClaimDue() implements DocketEvent {}

  record Noted(JobId job, Step<Written> step) implements DocketEvent {}

  record NoteDue(JobId job) implements DocketEvent {}

  record ProgramEndNoted(Step<Written> step) implements DocketEvent {}

  record ProgramEndDue() implements DocketEvent {}

  record Struck(JobId job, Step<Boolean> step) implements DocketEvent {}

  record WatchDue() implements DocketEvent {}

  record WatchEnded(Step<FindHigherClaim.Standing> step) implements DocketEvent {}
}
