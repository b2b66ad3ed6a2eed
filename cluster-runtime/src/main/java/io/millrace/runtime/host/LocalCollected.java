package io.millrace.runtime.host;

import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.executor.CloseableIterator;
import io.millrace.api.executor.Collected;
import io.millrace.api.executor.JobClient;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Records of a job that runs in this JVM. They wait here, in pieces that belong to checkpoints,
 * until their commit, and then until the program takes them.
 */
final class LocalCollected<T> implements Collected<T> {
  /** By id: what writers, which come out of the job's graph, find their collection by. */
  private static final Map<String, LocalCollected<?>> OPEN = new ConcurrentHashMap<>();

  private final String id = UUID.randomUUID().toString();
  private final TypeInformation<T> type;
  private final Map<String, List<Object>> pending = new TreeMap<>();
  private final Set<String> committed = new TreeSet<>();
  private final ArrayDeque<Object> visible = new ArrayDeque<>();
  private boolean ended;
  private Exception failure;

  LocalCollected(TypeInformation<T> type) {
    this.type = type;
    OPEN.put(id, this);
  }

  @Override
  public Sink<T> sink() {
    return new ToProgram<>(id, type);
  }

  @Override
  public CloseableIterator<T> of(JobClient job) {
    var waiter = new Thread(() -> awaitEnd(job), "collected-" + job.getJobID());
    waiter.setDaemon(true);
    waiter.start();
    return new Records(job);
  }

  private void awaitEnd(JobClient job) {
    Exception how = null;
    try {
      job.await();
    } catch (Exception e) {
      how = e;
    }
    synchronized (this) {
      ended = true;
      failure = how;
      OPEN.remove(id);
      notifyAll();
    }
  }

  private synchronized void flush(String piece, List<Object> records) {
    pending.put(piece, records);
  }

  private synchronized void commit(String piece) throws CommitConflictException {
    List<Object> records = pending.remove(piece);
    if (records != null) {
      visible.addAll(records);
      committed.add(piece);
      notifyAll();
    } else if (!committed.contains(piece)) {
      throw new CommitConflictException("records that were collected are gone: " + piece);
    }
  }

  private synchronized void settle() {
    pending.clear();
  }

  private final class Records implements CloseableIterator<T> {
    private final JobClient job;

    Records(JobClient job) {
      this.job = job;
    }

    @Override
    public boolean hasNext() {
      synchronized (LocalCollected.this) {
        try {
          while (visible.isEmpty() && !ended) {
            LocalCollected.this.wait();
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while it waited for records", e);
        }
        if (visible.isEmpty() && failure != null) {
          throw new IllegalStateException(
              "the job whose records are collected has not finished: " + failure.getMessage(),
              failure);
        }
        return !visible.isEmpty();
      }
    }

    @Override
    @SuppressWarnings("unchecked") // what the stream of T held
    public T next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the job has ended, and all its records were taken");
      }
      synchronized (LocalCollected.this) {
        return (T) visible.poll();
      }
    }

    @Override
    public void close() {
      job.cancel();
      synchronized (LocalCollected.this) {
        try {
          while (!ended) {
            LocalCollected.this.wait();
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt(); // the job ends all the same
        }
        visible.clear();
        failure = null;
      }
    }
  }

  /** Writes copies, as whoever made a record may change it afterwards. */
  private record ToProgram<T>(String id, TypeInformation<T> type) implements Sink<T> {
    @Override
    public SinkWriter<T> writer(WriterContext context) throws CommitConflictException {
      return new Writer<>(
          collection(), type.serializer(context.scope().userClassLoader()), context.attempt());
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) throws CommitConflictException {
      for (byte[] committable : committables) {
        collection().commit(new String(committable, StandardCharsets.UTF_8));
      }
    }

    @Override
    public void settle(Scope scope, boolean finished) {
      LocalCollected<?> open = OPEN.get(id);
      if (open != null) {
        open.settle();
      }
    }

    private LocalCollected<?> collection() throws CommitConflictException {
      LocalCollected<?> open = OPEN.get(id);
      if (open == null) {
        throw new CommitConflictException(
            "a job whose records are collected runs only in the JVM of the program that started it,"
                + " and only once");
      }
      return open;
    }
  }

  private static final class Writer<T> implements SinkWriter<T> {
    private final LocalCollected<?> collection;
    private final Serializer<T> serializer;
    private final String attempt;
    private List<Object> records = new ArrayList<>();
    private int pieces;

    Writer(LocalCollected<?> collection, Serializer<T> serializer, String attempt) {
      this.collection = collection;
      this.serializer = serializer;
      this.attempt = attempt;
    }

    @Override
    public void write(T value, long timestamp) {
      records.add(serializer.copy(value));
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      if (records.isEmpty()) {
        return List::of;
      }
      String piece = attempt + "-" + pieces++;
      collection.flush(piece, records);
      records = new ArrayList<>();
      return () -> List.of(piece.getBytes(StandardCharsets.UTF_8));
    }
  }
}
