/**
 * Runs jobs: who gets which slot, what is deployed, which checkpoint is complete, what a failure
 * leads to. Never sees a task, a thread or a socket.
 */
package io.millrace.runtime.jobmanager;
