/**
 * Rewrites programs for Flink's DataStream API: which class has which counterpart, Java sources,
 * advice about build files, and folders of both. Knows text, not types: what a program means is for
 * the compiler to say afterwards.
 */
package io.millrace.cli.migrate;
