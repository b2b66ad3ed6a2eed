package io.millrace.runtime.checkpoint;

/** What stands in one small durable file. */
public sealed interface Fact
    permits Checkpointed,
        ClaimNote,
        ControlAddress,
        Crash,
        DeploymentRecord,
        Intent,
        JobResult,
        Manifest,
        ProgramEnd,
        Restarts,
        Rollback,
        Submission {}
