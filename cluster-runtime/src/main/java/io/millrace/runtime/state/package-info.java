/** State under keys, on the heap: pages that are frozen without copying while records flow on. */
package io.millrace.runtime.state;
