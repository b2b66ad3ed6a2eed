/** Files of state in folders of the local disk, which nobody but their owner can read. */
package io.millrace.runtime.disk;
