/**
 * How records get from task to task: batches by reference inside a process, bytes between
 * processes. Only the network serialises.
 */
package io.millrace.runtime.exchange;
