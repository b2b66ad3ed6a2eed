/** Threads, sockets, clocks and files around the logic; no decision is taken here. */
package io.millrace.runtime.host;
