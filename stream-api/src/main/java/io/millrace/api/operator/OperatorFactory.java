package io.millrace.api.operator;

import java.io.Serializable;

/** Makes the operator of one subtask; travels in the job graph. */
@FunctionalInterface
public interface OperatorFactory<I, O> extends Serializable {
  Operator<I, O> create();
}
