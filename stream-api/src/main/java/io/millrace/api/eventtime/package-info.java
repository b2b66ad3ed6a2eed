/**
 * Event time: where a record's timestamp comes from, and when no earlier one is to be expected any
 * more.
 */
package io.millrace.api.eventtime;
