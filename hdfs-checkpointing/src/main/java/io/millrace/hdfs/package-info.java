/**
 * What must survive, on a Hadoop file system: {@link io.millrace.hdfs.HdfsCheckpointStore} keeps
 * the small files and the state of jobs, {@link io.millrace.hdfs.JarStore} keeps jars by their
 * content. Knows HDFS, viewfs and the local file system; nothing of YARN.
 */
package io.millrace.hdfs;
