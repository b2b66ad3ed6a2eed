package io.millrace.api.executor;

import java.util.Iterator;

/** An iterator that holds something until it is closed. */
public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {
  /** Gives up what it holds; more than once does no harm. Keeps an interrupt of the thread. */
  @Override
  void close();
}
