/** Writes sources of the API that differ in one number only, before the compiler reads them. */
package io.millrace.build;
