package io.millrace.api.type;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * Handles of one type in a class that holds nothing else. The JVM's compiler takes for a constant
 * only what a static final field holds, and makes one piece of code of such a handle and all that
 * it consists of; through any other it makes calls for each field of each value.
 */
interface ValueCode {
  Object copy(Object value) throws Throwable;

  void write(Object value, DataWriter out) throws Throwable;

  Object read(DataReader in) throws Throwable;

  /**
   * @param copy (Object)Object
   * @param write (Object, DataWriter)void
   * @param read (DataReader)Object
   */
  static ValueCode of(MethodHandle copy, MethodHandle write, MethodHandle read) {
    String name = ConstantValueCode.class.getSimpleName() + ".class";
    try (InputStream bytes = ValueCode.class.getResourceAsStream(name)) {
      return (ValueCode)
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(
                  bytes.readAllBytes(), List.of(copy, write, read), true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a class from " + name, e);
    }
  }

  /**
   * Calls all of them, one after the other, with the same arguments.
   *
   * @param handles of one type that returns nothing
   * @param last of the same arguments; what it returns is returned
   */
  static MethodHandle inTurn(List<MethodHandle> handles, MethodHandle last) {
    MethodHandle all = last;
    // What is folded in last runs first.
    for (int i = handles.size() - 1; i >= 0; i--) {
      all = MethodHandles.foldArguments(all, handles.get(i));
    }
    return all;
  }
}
