/** State under the current key, as functions and operators see it. */
package io.millrace.api.state;
