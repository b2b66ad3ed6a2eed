/**
 * What a record is made of and how it becomes bytes.
 *
 * <p>A {@link io.millrace.api.type.TypeInformation} describes a type in the job graph by names;
 * with the job's class loader it yields a {@link io.millrace.api.type.Serializer}. Everything else
 * here is how {@link io.millrace.api.type.Serializers} finds one. The package knows the JDK, the
 * tuples and Kryo, nothing else.
 */
package io.millrace.api.type;
