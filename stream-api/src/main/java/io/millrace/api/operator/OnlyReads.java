package io.millrace.api.operator;

/**
 * A function of the API's own that changes no record and keeps none, so that its operator {@link
 * Operator#onlyReads}.
 */
public interface OnlyReads {}
