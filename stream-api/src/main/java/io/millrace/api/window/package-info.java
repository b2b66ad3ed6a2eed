/**
 * Windows: how the records of a key are put together by time or number ({@link
 * io.millrace.api.window.WindowAssigner}), when a window is computed ({@link
 * io.millrace.api.window.Trigger}), which of its records count ({@link
 * io.millrace.api.window.Evictor}), and what is made of it ({@link
 * io.millrace.api.window.ProcessWindowFunction}).
 *
 * <p>Names and meaning are those of the DataStream API. All times are in milliseconds since the
 * epoch.
 */
package io.millrace.api.window;
