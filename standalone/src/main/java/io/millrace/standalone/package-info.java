/**
 * A cluster without YARN, whose processes people start: the processes' entry points, what they
 * share, and the client's view. Knows nothing of YARN.
 */
package io.millrace.standalone;
