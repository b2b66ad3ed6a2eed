/**
 * Real Hadoop daemons on loopback in one process, and the processes of the containers they start.
 * Knows Hadoop's servers and nothing of Millrace.
 */
package io.millrace.it.hadoop;
