/** What it costs a JobManager to command many TaskManagers, in virtual time and without tasks. */
package io.millrace.benchmarks.control;
