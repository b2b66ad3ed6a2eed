package io.millrace.api.state;

/** Is called for one key after the other, each being current during its call. */
@FunctionalInterface
public interface KeyVisitor {
  void visit(Object key) throws Exception;
}
