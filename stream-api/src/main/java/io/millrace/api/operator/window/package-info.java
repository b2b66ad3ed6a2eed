/**
 * The operators behind windows. {@link io.millrace.api.operator.window.WindowOperators} chooses
 * between two that give the same results: one that keeps the contents of each window, for whatever
 * a program says, and one for windows of regular intervals that keeps each record once, in a slice
 * that all windows share.
 */
package io.millrace.api.operator.window;
