package io.millrace.api.type;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.CollectionSerializer;
import com.esotericsoftware.kryo.serializers.MapSerializer;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import com.esotericsoftware.kryo.util.MapReferenceResolver;
import java.lang.reflect.Array;
import java.lang.reflect.InaccessibleObjectException;
import java.net.URI;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * One Kryo, set up for data that may be hostile: classes are those that {@link AllowedClasses} and
 * {@link KryoTypes} let through, lengths are claimed from {@link KryoInput} first. Works without
 * any flag of the JVM, because JDK classes are never taken apart by their fields.
 */
final class KryoSession extends Kryo {

  KryoSession() {
    super(new AllowingResolver(), new MadeReferences());
    setRegistrationRequired(false);
    setReferences(true);
    setMaxDepth(DataWriter.MAX_DEPTH);
    setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
    setDefaultSerializer(new KryoFields.Factory());
  }

  /** Views and immutable collections are written as the interface that they are used by. */
  @Override
  @SuppressWarnings("rawtypes")
  public Registration getRegistration(Class type) {
    return super.getRegistration(Catalog.canonical(type));
  }

  @Override
  @SuppressWarnings({"rawtypes", "unchecked"})
  public com.esotericsoftware.kryo.Serializer getDefaultSerializer(Class type) {
    KryoTypes.check(type, "");
    if (type == AtomicInteger.class) {
      return new Converted<AtomicInteger, Integer>(
          Integer.class, AtomicInteger::get, AtomicInteger::new);
    }
    if (type == AtomicLong.class) {
      return new Converted<AtomicLong, Long>(Long.class, AtomicLong::get, AtomicLong::new);
    }
    if (type == AtomicBoolean.class) {
      return new Converted<AtomicBoolean, Boolean>(
          Boolean.class, AtomicBoolean::get, AtomicBoolean::new);
    }
    if (type == URI.class) {
      return new Converted<URI, String>(String.class, URI::toString, URI::create);
    }
    if (type == AtomicReference.class) {
      return new Reference();
    }
    if (ScalarSerializer.of(type) != null) {
      return new Scalar<>(ScalarSerializer.of(type));
    }
    if (type.isEnum()) {
      return new Scalar<>(new EnumSerializer<>(type));
    }
    if (type.isArray() && !type.getComponentType().isPrimitive()) {
      return new ReferenceArray();
    }
    if (Collection.class.isAssignableFrom(type)) {
      return new AnyCollection(ContainerKind.ofCollection(type));
    }
    if (Map.class.isAssignableFrom(type)) {
      return new AnyMap(ContainerKind.ofMap(type));
    }
    JdkForm<?> form = JdkForms.of(type);
    if (form != null) {
      return new Formed<>(form);
    }
    try {
      return super.getDefaultSerializer(type);
    } catch (InaccessibleObjectException e) {
      throw new NoSerializerException(
          type.getName(),
          "",
          "its fields cannot be reached (" + e.getMessage() + ")",
          "keep the data it stands for in a type of your own");
    }
  }

  private static final class AllowingResolver extends DefaultClassResolver {
    @Override
    @SuppressWarnings("rawtypes")
    protected void writeName(Output output, Class type, Registration registration) {
      if (AllowedClasses.isForeign(registration.getType(), kryo.getClassLoader())) {
        throw new NoSerializerException(
            type.getName(), "", AllowedClasses.FOREIGN, "put that library into the job's jar");
      }
      // The canonical class, not the one that the value happens to have.
      super.writeName(output, registration.getType(), registration);
    }

    @Override
    protected Class<?> getTypeByName(String name) {
      try {
        Class<?> type = AllowedClasses.named(name, kryo.getClassLoader());
        KryoTypes.check(type, "");
        return type;
      } catch (NoSerializerException e) {
        throw new CorruptDataException("a class that data may not name: " + e.getMessage(), e);
      }
    }
  }

  /** A scalar in the bytes of our own serializer. */
  private static final class Scalar<T> extends com.esotericsoftware.kryo.Serializer<T> {
    private final Serializer<T> serializer;

    @SuppressWarnings("unchecked") // looked up by the class of T
    Scalar(Serializer<?> serializer) {
      super(false, true);
      this.serializer = (Serializer<T>) serializer;
    }

    @Override
    public void write(Kryo kryo, Output output, T value) {
      DataWriter bytes = new DataWriter(32);
      serializer.write(value, bytes);
      output.writeVarInt(bytes.position(), true);
      output.writeBytes(bytes.array(), 0, bytes.position());
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
      T value = serializer.read(new DataReader(input.readBytes(input.readVarInt(true))));
      if (value == null) {
        throw new CorruptDataException("a " + type.getName() + " is announced but null");
      }
      return value;
    }
  }

  /** A holder of one scalar. */
  private static final class Converted<T, S> extends com.esotericsoftware.kryo.Serializer<T> {
    private final Class<S> scalar;
    private final Function<T, S> from;
    private final Function<S, T> to;

    Converted(Class<S> scalar, Function<T, S> from, Function<S, T> to) {
      this.scalar = scalar;
      this.from = from;
      this.to = to;
    }

    @Override
    public void write(Kryo kryo, Output output, T value) {
      kryo.writeObject(output, from.apply(value));
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
      return to.apply(kryo.readObject(input, scalar));
    }
  }

  private static final class Reference
      extends com.esotericsoftware.kryo.Serializer<AtomicReference<Object>> {
    @Override
    public void write(Kryo kryo, Output output, AtomicReference<Object> value) {
      kryo.writeClassAndObject(output, value.get());
    }

    @Override
    public AtomicReference<Object> read(
        Kryo kryo, Input input, Class<? extends AtomicReference<Object>> type) {
      AtomicReference<Object> value = new AtomicReference<>();
      kryo.reference(value);
      value.set(kryo.readClassAndObject(input));
      return value;
    }
  }

  private static final class ReferenceArray extends com.esotericsoftware.kryo.Serializer<Object[]> {
    @Override
    public void write(Kryo kryo, Output output, Object[] value) {
      output.writeVarInt(value.length, true);
      for (Object element : value) {
        kryo.writeClassAndObject(output, element);
      }
    }

    @Override
    public Object[] read(Kryo kryo, Input input, Class<? extends Object[]> type) {
      int length = ((KryoInput) input).claim(input.readVarInt(true));
      Object[] value = (Object[]) Array.newInstance(type.getComponentType(), length);
      kryo.reference(value);
      for (int i = 0; i < length; i++) {
        value[i] = kryo.readClassAndObject(input);
      }
      return value;
    }
  }

  private static final class AnyCollection extends CollectionSerializer<Collection<Object>> {
    private final ContainerKind<Collection<Object>> kind;

    /**
     * @param kind null for a class of the job
     */
    AnyCollection(ContainerKind<Collection<Object>> kind) {
      this.kind = kind;
    }

    @Override
    protected void writeHeader(Kryo kryo, Output output, Collection<Object> value) {
      if (hasExtra(kind)) {
        kryo.writeClassAndObject(output, kind.extraOf(value));
      }
    }

    @Override
    protected Collection<Object> create(
        Kryo kryo, Input input, Class<? extends Collection<Object>> type, int size) {
      ((KryoInput) input).claim(size);
      if (kind == null) {
        return kryo.newInstance(type);
      }
      return kind.make(hasExtra(kind) ? kryo.readClassAndObject(input) : null);
    }
  }

  private static final class AnyMap extends MapSerializer<Map<Object, Object>> {
    private final ContainerKind<Map<Object, Object>> kind;

    /**
     * @param kind null for a class of the job
     */
    AnyMap(ContainerKind<Map<Object, Object>> kind) {
      this.kind = kind;
    }

    @Override
    protected void writeHeader(Kryo kryo, Output output, Map<Object, Object> value) {
      if (hasExtra(kind)) {
        kryo.writeClassAndObject(output, kind.extraOf(value));
      }
    }

    @Override
    protected Map<Object, Object> create(
        Kryo kryo, Input input, Class<? extends Map<Object, Object>> type, int size) {
      ((KryoInput) input).claim(size);
      if (kind == null) {
        return kryo.newInstance(type);
      }
      return kind.make(hasExtra(kind) ? kryo.readClassAndObject(input) : null);
    }
  }

  private static boolean hasExtra(ContainerKind<?> kind) {
    return kind != null && kind.extra() != null;
  }

  private static final class Formed<T> extends com.esotericsoftware.kryo.Serializer<T> {
    private final JdkForm<T> form;

    Formed(JdkForm<T> form) {
      this.form = form;
    }

    @Override
    public void write(Kryo kryo, Output output, T value) {
      for (Object part : form.taking().parts(value, kryo.getClassLoader())) {
        kryo.writeClassAndObject(output, part);
      }
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
      var parts = new Object[form.parts().size()];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = kryo.readClassAndObject(input);
      }
      return form.read(parts, kryo.getClassLoader());
    }
  }

  /** What is made of its parts cannot be one of them: nothing is there yet to refer to. */
  private static final class MadeReferences extends MapReferenceResolver {
    @Override
    @SuppressWarnings("rawtypes")
    public Object getReadObject(Class type, int id) {
      Object made = super.getReadObject(type, id);
      if (made == null) {
        throw new CorruptDataException("something refers to what is made of it");
      }
      return made;
    }
  }
}
