package io.millrace.api.function;

import java.io.Serializable;

/** Any number of records out for each record of either of two streams. */
public interface CoFlatMapFunction<A, B, O> extends Serializable {
  /** A record of the first stream. */
  void flatMap1(A value, Collector<O> out) throws Exception;

  /** A record of the second stream. */
  void flatMap2(B value, Collector<O> out) throws Exception;
}
