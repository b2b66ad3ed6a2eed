package io.millrace.api.connector;

/**
 * Where a reader puts its records. If its splits have names ({@link SourceSplit}), each record goes
 * into the output of its split. The watermark of the reader is the lowest one of its splits; it
 * waits for each split from {@link SourceReader#add} to {@link #releaseOutputForSplit}. Readers of
 * splits without names put records here: to the watermark strategy they are one stream.
 */
public interface ReaderOutput<T> extends SourceOutput<T> {
  /** The output of a split, the same one whenever it is asked for until it is released. */
  SourceOutput<T> createOutputForSplit(String splitId);

  /** Nothing of the split follows; it holds back the watermark no more. */
  void releaseOutputForSplit(String splitId);
}
