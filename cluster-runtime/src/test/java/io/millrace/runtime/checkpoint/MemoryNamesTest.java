package io.millrace.runtime.checkpoint;

class MemoryNamesTest extends DurableNamesContract {
  private final MemoryNames names = new MemoryNames();

  @Override
  protected DurableNames names() {
    return names;
  }

  @Override
  protected boolean isThere() {
    return names.exist();
  }
}
