package io.millrace.api.type;

/** How the next value is made of bytes, whatever wrote them. */
interface Reading {
  Object read(DataReader in);
}
