package io.millrace.runtime.task;

import io.millrace.api.function.OutputTag;
import io.millrace.api.type.TypeInformation;

/** One edge that takes what an operator puts out with a tag. */
final class SideOutput {
  private final String id;
  private final TypeInformation<?> type;
  final Router router;

  /** The tag that came last; nearly always the same object. */
  private OutputTag<?> known;

  SideOutput(String id, TypeInformation<?> type, Router router) {
    this.id = id;
    this.type = type;
    this.router = router;
  }

  void collect(OutputTag<?> tag, Object value, long timestamp) {
    if (tag == known || takes(tag)) {
      router.collect(value, timestamp);
    }
  }

  private boolean takes(OutputTag<?> tag) {
    if (!tag.getId().equals(id)) {
      return false;
    }
    if (!tag.getTypeInfo().equals(type)) {
      throw new IllegalStateException(
          "the side output '"
              + id
              + "' is taken as "
              + type.name()
              + " and put out as "
              + tag.getTypeInfo().name()
              + "; use one tag in the function and in getSideOutput");
    }
    known = tag;
    return true;
  }
}
