/**
 * Tests of the whole: the distribution, run as processes, against real HDFS and YARN daemons. Also
 * the tests that read the repository's own sources.
 */
package io.millrace.it;
