/**
 * What users write: functions from records to records. All of them are sent to the cluster by Java
 * serialisation; what they hold must be serializable.
 */
package io.millrace.api.function;
