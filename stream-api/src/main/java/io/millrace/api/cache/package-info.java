/**
 * Files that a program brings along for its functions: registered under names with {@link
 * io.millrace.api.StreamExecutionEnvironment#registerCachedFile}, read through {@link
 * io.millrace.api.cache.DistributedCache}.
 */
package io.millrace.api.cache;
