package io.millrace.runtime.checkpoint;

/** What stands in one small durable file. */
public sealed interface Fact
    permits ClaimNote, Crash, DeploymentRecord, Intent, JobResult, Manifest {}
