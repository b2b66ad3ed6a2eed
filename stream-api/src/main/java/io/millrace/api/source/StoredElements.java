package io.millrace.api.source;

import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.function.GeneratorFunction;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.Collection;

/** Records that travel with the program, in their own serialised form. */
record StoredElements<T>(TypeInformation<T> type, byte[] bytes) implements RecordMaker<T> {
  private static final int MAX_BYTES = 10 << 20;

  static <T> StoredElements<T> of(Collection<T> elements, TypeInformation<T> type) {
    Serializer<T> serializer = type.serializer(ExecutionDoor.loader());
    var out = new DataWriter();
    for (T element : elements) {
      if (element == null) {
        throw new IllegalArgumentException("an element is null; null is no record");
      }
      serializer.write(element, out);
      if (out.position() > MAX_BYTES) {
        throw new IllegalArgumentException(
            "the elements of a stream take more than 10 MB and would travel with the program; put"
                + " them in a file, or make them with fromGenerator");
      }
    }
    return new StoredElements<>(type, out.toByteArray());
  }

  @Override
  public GeneratorFunction<T> open(ClassLoader userClassLoader) {
    return new Cursor<>(type.serializer(userClassLoader), bytes, userClassLoader);
  }

  /** Reads forward; steps back by starting over. */
  private static final class Cursor<T> implements GeneratorFunction<T> {
    private final transient Serializer<T> serializer;
    private final byte[] bytes;
    private final transient ClassLoader loader;
    private transient DataReader in;
    private long position;

    Cursor(Serializer<T> serializer, byte[] bytes, ClassLoader loader) {
      this.serializer = serializer;
      this.bytes = bytes;
      this.loader = loader;
    }

    @Override
    public T generate(long index) {
      if (in == null || index < position) {
        in = new DataReader(bytes, loader);
        position = 0;
      }
      while (position < index) {
        serializer.read(in);
        position++;
      }
      position++;
      return serializer.read(in);
    }
  }
}
