package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Manifest;

/**
 * The checkpoint that an execution starts from.
 *
 * @param directory of the job that took it, or of the savepoint, which its file names are relative
 *     to
 * @param path of its manifest, for people and reports
 * @param inherited whether another job took it
 */
record Origin(String directory, String path, Manifest manifest, boolean inherited) {}
