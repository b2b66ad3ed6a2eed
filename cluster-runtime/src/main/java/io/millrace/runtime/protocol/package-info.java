/**
 * The messages between processes, sealed families of records, and the ids they use. Every message
 * may be lost or come twice; each one says enough to be obeyed or refused without memory of earlier
 * ones.
 */
package io.millrace.runtime.protocol;
