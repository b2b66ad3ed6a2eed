/**
 * Asynchronous functions whose requests are waited for, so that tests with them can be repeated.
 * Waits in real time, so no job outside of a test uses it.
 */
package io.millrace.api.operator.awaited;
