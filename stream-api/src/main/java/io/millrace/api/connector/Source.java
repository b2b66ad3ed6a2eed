package io.millrace.api.connector;

import java.io.Serializable;
import java.util.Optional;

/**
 * Where records come from. One <em>enumerator</em> per job finds pieces of input (splits) and gives
 * them to the readers that ask; each of the source's subtasks runs one <em>reader</em>. Both take
 * part in checkpoints, on one consistent cut: a split is always in exactly one place, the
 * enumerator's snapshot or a reader's.
 *
 * @param <T> records
 * @param <S> splits; needs a serializer, a record will do
 */
public interface Source<T, S> extends Serializable {
  /** Whether the input ends by itself. */
  boolean bounded();

  /** The class of the splits. */
  Class<S> splitType();

  /**
   * Called at submission, in the client; reads only. Refuses what cannot work (a missing path, a
   * bad address) with a message that names the place and the remedy.
   */
  default void validate() throws Exception {}

  /**
   * @param restored what {@link SplitEnumerator#snapshot} returned before, empty on a first start
   */
  SplitEnumerator<S> enumerator(EnumeratorContext context, Optional<byte[]> restored)
      throws Exception;

  SourceReader<T, S> reader(ReaderContext context) throws Exception;

  /**
   * Whether enumerator and readers may wait inside their calls; such tasks get threads of their
   * own.
   */
  default boolean blocking() {
    return false;
  }

  /** What an enumerator may know. */
  record EnumeratorContext(String uid, int readers, ClassLoader userClassLoader) {}

  /** What a reader may know. */
  record ReaderContext(String uid, int subtask, int parallelism, ClassLoader userClassLoader) {}
}
