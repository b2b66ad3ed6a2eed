/**
 * Mutable tuples of up to 25 fields, as programs of the DataStream API use them. The classes with
 * fields are written by {@code src/build/java/io/millrace/build/Tuples.java} in each build.
 */
package io.millrace.api.tuple;
