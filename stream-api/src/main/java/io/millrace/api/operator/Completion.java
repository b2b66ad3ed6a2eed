package io.millrace.api.operator;

/** What an operator has to do once a checkpoint is durable. */
public interface Completion {
  /** Nothing to do. */
  Completion NOTHING =
      new Completion() {
        @Override
        public void commit() {}

        @Override
        public void done() {}
      };

  /** Runs off the task's thread, may wait, is retried after a failure, must be idempotent. */
  void commit() throws Exception;

  /** Runs on the task's thread after {@link #commit} succeeded. */
  void done();
}
