package io.millrace.api.type;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.SerializerFactory;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.serializers.FieldSerializer;
import java.lang.reflect.Field;

/**
 * An object field by field, each with a look at what was put into it: Kryo writes to fields past
 * the JVM's own check, so that data could leave any object in a field of any type.
 */
final class KryoFields<T> extends FieldSerializer<T> {
  private KryoFields(Kryo kryo, Class<T> type) {
    super(kryo, type);
  }

  static final class Factory extends SerializerFactory.BaseSerializerFactory<KryoFields<?>> {
    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // Kryo names the class, we need no more of it
    public KryoFields<?> newSerializer(Kryo kryo, Class type) {
      return new KryoFields<>(kryo, type);
    }
  }

  @Override
  protected void initializeCachedFields() {
    CachedField[] fields = getFields();
    for (int i = 0; i < fields.length; i++) {
      if (!fields[i].getField().getType().isPrimitive()) {
        fields[i] = new Checked(fields[i]);
      }
    }
  }

  private static final class Checked extends CachedField {
    private final CachedField field;
    private final Field reflected;

    Checked(CachedField field) {
      super(field.getField());
      this.field = field;
      this.reflected = field.getField();
    }

    @Override
    public void write(Output output, Object object) {
      field.write(output, object);
    }

    /** The wrong object is in the field for this moment only; nobody has seen it yet. */
    @Override
    public void read(Input input, Object object) {
      field.read(input, object);
      Object value;
      try {
        value = reflected.get(object);
      } catch (IllegalAccessException e) {
        throw new LinkageError("Kryo has written to " + reflected + ", which is closed", e);
      }
      if (value != null && !reflected.getType().isInstance(value)) {
        throw new CorruptDataException(
            "a "
                + value.getClass().getName()
                + " for "
                + reflected.getDeclaringClass().getName()
                + "."
                + reflected.getName()
                + ", which is a "
                + reflected.getType().getName());
      }
    }

    @Override
    public void copy(Object original, Object copy) {
      field.copy(original, copy);
    }
  }
}
