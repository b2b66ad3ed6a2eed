/** Mutable tuples of two to five fields, as programs of the DataStream API use them. */
package io.millrace.api.tuple;
