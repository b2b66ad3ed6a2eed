package io.millrace.api.type;

import java.util.Arrays;

/**
 * Reads fields in the order in which they were written and makes a value of those that it has.
 *
 * @param places of each field that was written: which one it is now, negative if it is read over
 * @param subclass reads what stands behind the mark of a subclass; null if there is none
 */
record FieldReading(String typeName, Fields now, Reading[] readings, int[] places, Reading subclass)
    implements Reading {
  @Override
  public Object read(DataReader in) {
    byte marker = in.readByte();
    if (marker == 0) {
      return null;
    }
    if (marker == PojoSerializer.SUBCLASS && subclass != null) {
      return subclass.read(in);
    }
    StructuredSerializer.checkPresent(marker, typeName);
    in.enter();
    var values = new Object[now.pieces().size()];
    Arrays.fill(values, Fields.ABSENT);
    for (int i = 0; i < readings.length; i++) {
      Object value = readings[i].read(in);
      if (places[i] >= 0) {
        values[places[i]] = value;
      }
    }
    in.leave();
    return now.make(values);
  }
}
