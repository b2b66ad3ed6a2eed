package io.millrace.runtime.state;

import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.List;

/**
 * A list in place of one that a writer still reads. It has the same elements: whoever adds to it
 * pays for no more than references, and whoever may change an element gets copies.
 */
final class SharedList extends ArrayList<Object> {
  private static final long serialVersionUID = 1;

  /** So many at the beginning are the writer's too. */
  private int shared;

  SharedList(List<?> read) {
    super(read.size() + (read.size() >> 3) + 8);
    addAll(read);
    shared = read.size();
  }

  /** From now on nobody else has its elements. */
  void own(Serializer<Object> element) {
    for (int i = 0; i < shared; i++) {
      set(i, element.copy(get(i)));
    }
    shared = 0;
  }
}
