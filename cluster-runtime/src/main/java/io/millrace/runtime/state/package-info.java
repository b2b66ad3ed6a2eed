/**
 * State under keys: on the heap, in pages that are frozen without copying while records flow on, or
 * in rows of bytes behind a cache of objects. Both write the same checkpoints.
 */
package io.millrace.runtime.state;
