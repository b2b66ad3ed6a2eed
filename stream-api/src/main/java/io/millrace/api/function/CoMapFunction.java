package io.millrace.api.function;

import java.io.Serializable;

/** One record out for each record of either of two streams; both share the function's fields. */
public interface CoMapFunction<A, B, O> extends Serializable {
  /** A record of the first stream. */
  O map1(A value) throws Exception;

  /** A record of the second stream. */
  O map2(B value) throws Exception;
}
