package io.millrace.runtime.task;

import io.millrace.api.function.CheckpointListener;
import io.millrace.runtime.kernel.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What became of the checkpoints that a task was cut for, told to those of its functions that want
 * to know. The same word may come more than once; the functions hear it once.
 */
final class Outcomes {
  private final List<Link> links;

  /** Checkpoints that are not settled, each with whether it may still be said to be given up. */
  private final TreeMap<Long, Boolean> open = new TreeMap<>();

  Outcomes(List<Link> links) {
    this.links =
        links.stream().filter(link -> link.operator.checkpointListener().isPresent()).toList();
  }

  /**
   * A savepoint after which the job goes on is complete without a word, as it promises nothing:
   * then the next checkpoint settles it.
   */
  void cut(long checkpoint, Purpose purpose) {
    if (!links.isEmpty()) {
      open.put(checkpoint, purpose.kind() != Purpose.Kind.SAVEPOINT);
    }
  }

  /** Of an earlier attempt's checkpoint nobody here knows. */
  void completed(long checkpoint) {
    boolean known = open.containsKey(checkpoint);
    open.headMap(checkpoint, true).clear();
    if (known) {
      tell(listener -> listener.notifyCheckpointComplete(checkpoint));
    }
  }

  /**
   * They stay open: where the store has not answered, one may turn out to be complete.
   *
   * @param upTo this checkpoint and all before it that are open
   */
  void aborted(long upTo) {
    var news = new ArrayList<Long>();
    for (Map.Entry<Long, Boolean> each : open.headMap(upTo, true).entrySet()) {
      if (each.getValue()) {
        each.setValue(false);
        news.add(each.getKey());
      }
    }
    for (long checkpoint : news) {
      tell(listener -> listener.notifyCheckpointAborted(checkpoint));
    }
  }

  private interface Word {
    void to(CheckpointListener listener) throws Exception;
  }

  private void tell(Word word) {
    for (Link link : links) {
      Optional<CheckpointListener> listener = link.operator.checkpointListener();
      try {
        word.to(listener.orElseThrow());
      } catch (Exception | Error e) {
        throw link.failed(e);
      }
    }
  }
}
