/**
 * Operators driven by hand, for tests: {@link io.millrace.runtime.harness.OperatorHarness}. The
 * tasks are those that run in production; only whoever steps them is another.
 */
package io.millrace.runtime.harness;
