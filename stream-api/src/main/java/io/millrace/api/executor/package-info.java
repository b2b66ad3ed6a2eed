/**
 * The two doors that other modules fill, found by ServiceLoader: how jobs are run, and how files
 * are read.
 */
package io.millrace.api.executor;
