/**
 * What a job computes, without where: {@link io.millrace.api.graph.JobGraph}. Readable without the
 * user's classes.
 */
package io.millrace.api.graph;
