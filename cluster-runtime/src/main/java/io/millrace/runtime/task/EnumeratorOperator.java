package io.millrace.runtime.task;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import java.util.List;
import java.util.Optional;

/** The life of an enumerator in terms of an operator; {@link Assignment} asks it for splits. */
final class EnumeratorOperator implements Operator<Object, Object> {
  private final Source<Object, Object> source;
  private final int readers;
  private SplitEnumerator<Object> enumerator;

  EnumeratorOperator(Source<Object, Object> source, int readers) {
    this.source = source;
    this.readers = readers;
  }

  @Override
  public void open(OperatorContext context, Output<Object> output) throws Exception {
    List<byte[]> restored = context.restored();
    enumerator =
        source.enumerator(
            new Source.EnumeratorContext(context.uid(), readers, context.userClassLoader()),
            restored.isEmpty() ? Optional.empty() : Optional.of(restored.get(0)));
  }

  SplitEnumerator<Object> enumerator() {
    return enumerator;
  }

  @Override
  public void process(Object value, long timestamp) {
    throw new IllegalStateException("an enumerator takes no records");
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    return Frozen.of(List.of(enumerator.snapshot()));
  }

  @Override
  public void close() throws Exception {
    if (enumerator != null) {
      enumerator.close();
    }
  }
}
