package io.millrace.api.source.function;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.type.TypeInformation;
import java.util.Optional;

/**
 * A {@link SourceFunction} as a source. It runs on a thread that nobody steps, so no simulation can
 * repeat what it does.
 */
public final class FunctionSource<T> implements Source<T, Seat> {
  private final SourceFunction<T> function;
  private final TypeInformation<T> type;

  /**
   * @param type of the records, which are copied if the function may go on to change them
   */
  public FunctionSource(SourceFunction<T> function, TypeInformation<T> type) {
    this.function = function;
    this.type = type;
  }

  @Override
  public boolean bounded() {
    return false;
  }

  @Override
  public Class<Seat> splitType() {
    return Seat.class;
  }

  @Override
  public SplitEnumerator<Seat> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
    return new Seats(context.readers(), restored);
  }

  @Override
  public SourceReader<T, Seat> reader(ReaderContext context) {
    return new FunctionThread<>(function, type);
  }

  @Override
  public boolean blocking() {
    return true;
  }
}
