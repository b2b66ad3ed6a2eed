/**
 * Programs for {@code millrace run}, each wrong in a way of its own; the tests pack them in jars.
 */
package io.millrace.it.programs;
