/**
 * Programs for {@code millrace run}, most wrong in a way of their own; the tests pack them in jars.
 */
package io.millrace.it.programs;
