/** Programs to start from. */
package io.millrace.examples;
