/** Sinks that need nothing but the JDK. */
package io.millrace.api.sink;
