package io.millrace.connector.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink.WriterContext;
import io.millrace.api.connector.SinkWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes one part after the other. A part that was cut is finished elsewhere; until its description
 * has been handed out it stays in the queue, so that a later checkpoint never covers less than an
 * earlier one. Once a part is lost, no later one is handed out and the writer fails; while the
 * storage is away they wait in memory, up to a limit, and then whoever writes waits as well.
 */
final class TextFileWriter implements SinkWriter<String> {
  /** As much may wait in memory while parts cannot be finished, bytes. */
  private static final long MOST_WAITING = 16 << 20;

  private static final long PAUSE_MILLIS = 500;

  private final OutputDirectory directory;
  private final String folder;
  private final String name;

  /** Cut and not yet handed out, oldest first; guarded by itself. */
  private final ArrayDeque<Waiting> cut = new ArrayDeque<>();

  /** One at a time finishes parts. Not a monitor: who waits for it can be interrupted. */
  private final ReentrantLock finishing = new ReentrantLock();

  private final Pause pause;
  private final long mostWaiting;

  private volatile Exception broken;

  /** What is being written; {@code null} until something is. */
  private Part part;

  private int parts;

  /** Between two tries at a storage that is away. */
  interface Pause {
    void take() throws IOException, InterruptedException;
  }

  /**
   * @param bytes in memory
   */
  private record Waiting(Part part, int bytes) {}

  TextFileWriter(OutputDirectory directory, WriterContext context) throws IOException {
    this(directory, context, () -> Thread.sleep(PAUSE_MILLIS), MOST_WAITING);
  }

  /**
   * @param mostWaiting see {@link #MOST_WAITING}
   */
  TextFileWriter(OutputDirectory directory, WriterContext context, Pause pause, long mostWaiting)
      throws IOException {
    this.directory = directory;
    this.pause = pause;
    this.mostWaiting = mostWaiting;
    this.folder = directory.waitingFolder(context.scope());
    this.name =
        OutputDirectory.tag(context.scope()) + "-" + context.subtask() + "-" + context.attempt();
  }

  @Override
  public void write(String value, long timestamp) throws IOException, InterruptedException {
    if (part == null) {
      failIfBroken();
      awaitRoom();
      int number = parts++;
      part =
          new Part(
              directory,
              number,
              folder + "/" + name + "-" + number,
              OutputDirectory.PART + name + "-" + number);
    }
    byte[] line = value.getBytes(UTF_8);
    while (true) {
      try {
        part.writeLine(line);
        return;
      } catch (RetryLaterException e) {
        pause.take();
      }
    }
  }

  /**
   * Nobody else tries again meanwhile: a barrier that would ask for it waits behind the record at
   * hand.
   */
  private void awaitRoom() throws IOException, InterruptedException {
    while (inMemory() > mostWaiting) {
      try {
        finishInterruptibly(parts);
      } catch (RetryLaterException e) {
        pause.take();
      }
    }
  }

  private long inMemory() {
    synchronized (cut) {
      return cut.stream()
          .filter(waiting -> !waiting.part().isFinished())
          .mapToLong(Waiting::bytes)
          .sum();
    }
  }

  @Override
  public Callable<List<byte[]>> prepare(long checkpoint) throws IOException {
    failIfBroken();
    synchronized (cut) {
      if (part != null) {
        cut.add(new Waiting(part, part.cutFor(checkpoint)));
        part = null;
      }
      if (cut.isEmpty()) {
        return List::of;
      }
    }
    int upTo = parts;
    return () -> handOut(upTo);
  }

  /** So that a storage that was away for long gets a few files, and not one for each checkpoint. */
  @Override
  public boolean recall(long checkpoint) {
    if (!finishing.tryLock()) {
      return false;
    }
    try {
      synchronized (cut) {
        Waiting last = cut.peekLast();
        if (last == null || last.part().checkpoint() < checkpoint) {
          return true; // nothing was written for it
        }
        if (!last.part().reopen(part)) {
          return false;
        }
        part = last.part();
        cut.removeLast();
        return true;
      }
    } finally {
      finishing.unlock();
    }
  }

  /** Finishes parts below a number, those of earlier checkpoints included if nobody has yet. */
  private List<byte[]> handOut(int upTo) throws IOException, InterruptedException {
    finishing.lockInterruptibly();
    try {
      List<byte[]> finished = finish(upTo);
      synchronized (cut) {
        for (int i = 0; i < finished.size(); i++) {
          cut.remove();
        }
      }
      return finished;
    } finally {
      finishing.unlock();
    }
  }

  private void finishInterruptibly(int upTo) throws IOException, InterruptedException {
    finishing.lockInterruptibly();
    try {
      finish(upTo);
    } finally {
      finishing.unlock();
    }
  }

  private List<byte[]> finish(int upTo) throws IOException {
    failIfBroken();
    var finished = new ArrayList<byte[]>();
    try {
      for (Part next : cutBefore(upTo)) {
        finished.add(next.finish().toBytes());
      }
    } catch (RetryLaterException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      broken = e;
      throw e;
    }
    return finished;
  }

  private List<Part> cutBefore(int upTo) {
    synchronized (cut) {
      return cut.stream().map(Waiting::part).filter(next -> next.number() < upTo).toList();
    }
  }

  private void failIfBroken() throws IOException {
    if (broken != null) {
      throw new IOException(
          "cannot go on writing to " + directory + ": " + broken.getMessage(), broken);
    }
  }

  @Override
  public void close() throws IOException {
    if (part != null) {
      part.discard();
      part = null;
    }
  }
}
