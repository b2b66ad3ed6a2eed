package io.millrace.api.type;

import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Is never used as it is: {@link ValueCode#of} makes a hidden class of these bytes for each type.
 */
final class ConstantValueCode implements ValueCode {
  private static final MethodHandle COPY = handle(0);
  private static final MethodHandle WRITE = handle(1);
  private static final MethodHandle READ = handle(2);

  private static MethodHandle handle(int at) {
    try {
      return MethodHandles.classDataAt(
          MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, MethodHandle.class, at);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a class may see its own data", e);
    }
  }

  @Override
  public Object copy(Object value) throws Throwable {
    return (Object) COPY.invokeExact(value);
  }

  @Override
  public void write(Object value, DataWriter out) throws Throwable {
    WRITE.invokeExact(value, out);
  }

  @Override
  public Object read(DataReader in) throws Throwable {
    return (Object) READ.invokeExact(in);
  }
}
