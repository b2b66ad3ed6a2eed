/** Joins of two streams, which flow as one stream of records of either side. */
package io.millrace.api.operator.join;
