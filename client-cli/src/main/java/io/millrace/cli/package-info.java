/**
 * The {@code millrace} command: one class for each action, the table of flags, the configuration
 * file, and user programs in their jars.
 */
package io.millrace.cli;
