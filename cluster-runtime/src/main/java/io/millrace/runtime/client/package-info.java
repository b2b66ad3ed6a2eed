/** Talks to a JobManager on behalf of people and programs: asks, waits, asks again. */
package io.millrace.runtime.client;
