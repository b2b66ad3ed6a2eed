package io.millrace.api.type;

import com.esotericsoftware.kryo.KryoException;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Kryo instances that are not in use; each serves one thread at a time. */
final class KryoPool {
  private final ClassLoader loader;
  private final Deque<KryoSession> idle = new ConcurrentLinkedDeque<>();

  KryoPool(ClassLoader loader) {
    this.loader = loader;
  }

  byte[] write(Object value) {
    KryoSession session = take(loader);
    KryoOutput out = new KryoOutput();
    try {
      session.writeObject(out, value);
    } catch (RuntimeException e) {
      // The session is in an unknown state and is not given back.
      throw notWritten(value, e);
    }
    idle.addFirst(session);
    return out.toBytes();
  }

  <T> T read(Class<T> type, byte[] block, ClassLoader readerLoader) {
    KryoSession session = take(readerLoader == null ? loader : readerLoader);
    KryoInput in = new KryoInput(block);
    T value;
    try {
      value = type.cast(session.readObject(in, type));
    } catch (RuntimeException e) {
      throw Component.refused(type.getName(), e);
    }
    if (in.position() != block.length) {
      throw new CorruptDataException(
          (block.length - in.position()) + " bytes are left over after a " + type.getName());
    }
    idle.addFirst(session);
    return value;
  }

  private KryoSession take(ClassLoader classes) {
    KryoSession session = idle.pollFirst();
    if (session == null) {
      session = new KryoSession();
    }
    session.setClassLoader(classes);
    return session;
  }

  private static RuntimeException notWritten(Object value, RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NoSerializerException named) {
        return named;
      }
    }
    if (!(failure instanceof KryoException)) {
      return failure;
    }
    NoSerializerException refused =
        new NoSerializerException(
            value.getClass().getName(),
            "",
            "Kryo cannot write this value: " + failure.getMessage(),
            "make it a record or a class with a public constructor without arguments and getters"
                + " and setters");
    refused.initCause(failure);
    return refused;
  }
}
