/**
 * Runs jobs: who gets which slot, what is deployed, which checkpoint is complete, what a failure
 * leads to. Never sees a task, a thread or a socket.
 *
 * <p>{@link JobManager} is the process: clients, jobs, and what their decisions lead to; its {@link
 * Crew} are the TaskManagers, its {@link SlotLedger} has their slots. A {@link JobMaster} decides
 * for one job. What it knows is a {@link JobBook}, on which its parts work one after the other:
 * {@link Succession} claims the job, {@link Adoption} goes on with tasks that run, {@link
 * Beginning} makes new ones, {@link Checkpointing} and {@link Healing} accompany them, {@link
 * Ending} brings them to a restart or the job to its end.
 */
package io.millrace.runtime.jobmanager;
