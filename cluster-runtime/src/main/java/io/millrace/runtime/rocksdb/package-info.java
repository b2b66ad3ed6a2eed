/**
 * Rows on local disk: the only place that knows RocksDB, which works with files and threads of its
 * own. Like everything that does, only {@code host} opens it; the logic above the rows is in {@code
 * state}.
 */
package io.millrace.runtime.rocksdb;
