package io.millrace.cli.migrate;

/**
 * Something to do by hand.
 *
 * @param line from 1 on
 */
record Remark(int line, String text) {}
