package io.millrace.runtime.taskmanager;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.task.Task;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Where tasks are made: what they consist of is loaded by another thread, then they are put
 * together.
 */
final class Workshop {
  private final Env env;
  private final TaskHost host;
  private final Exchange exchange;
  private final CheckpointStore store;
  private final UserClasses classes;
  private final Configuration configuration;
  private final Consumer<Message> mailbox;

  /**
   * @param mailbox takes what tasks say
   */
  Workshop(
      Env env,
      TaskHost host,
      Exchange exchange,
      CheckpointStore store,
      UserClasses classes,
      Configuration configuration,
      Consumer<Message> mailbox) {
    this.env = env;
    this.host = host;
    this.exchange = exchange;
    this.store = store;
    this.classes = classes;
    this.configuration = configuration;
    this.mailbox = mailbox;
  }

  /**
   * Loads classes, code and state; the answer is {@link Answer.Prepared} or {@link
   * Answer.NotPrepared}.
   *
   * @param copies of state files of that job, on local disk
   */
  void prepare(AttemptId id, Deploy deploy, TaskStart start, LocalCopies.Known copies) {
    env.offload(
        Lane.LOAD,
        TaskManager.guarded(() -> prepared(id, deploy, start, copies)),
        e ->
            new Answer.NotPrepared(id, Diagnosis.of(e, "", -1), CorruptStateException.isBehind(e)));
  }

  private Answer prepared(AttemptId id, Deploy deploy, TaskStart start, LocalCopies.Known copies)
      throws IOException {
    String directory = store.directoryOf(id.job());
    var inherited = InheritedCopies.of(start, directory, id.job(), copies, host.copies());
    try {
      var copied = new CopiedStore(store, directory, inherited.known(), inherited.made().keySet());
      Preparation loaded = Preparation.load(deploy, start, configuration, classes, copied, host);
      return new Answer.Prepared(id, loaded, inherited);
    } catch (IOException | RuntimeException | Error e) {
      inherited.discard();
      throw e;
    }
  }

  /** Opens its channels, too; what cannot be put together is thrown, and is the job's failure. */
  Task assemble(AttemptId id, Preparation loaded) {
    int slot = loaded.start().slot();
    Waker waker = host.wakerFor(id, slot, loaded.chain().blocking());
    var stores = host.stores(id, slot, loaded.plan().settings());
    var assembly = new Assembly(id, loaded, exchange, stores, host.disk(), waker, host.watch());
    return new Task(
        assembly.blueprint(new SplittableRandom(env.random().nextLong())),
        event -> mailbox.accept(new TaskHappened(id, event)));
  }
}
