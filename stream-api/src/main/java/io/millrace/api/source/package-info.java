/**
 * Sources that need nothing but the JDK. All of them read numbered records: a {@link
 * io.millrace.api.source.Span} of numbers is a split, so a position is two numbers.
 */
package io.millrace.api.source;
