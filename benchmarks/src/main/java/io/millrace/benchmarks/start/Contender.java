package io.millrace.benchmarks.start;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A way to start the job on YARN.
 *
 * @param words the command, but for the arguments of the program
 * @param registered in a line of the JobManager's log: YARN knows it now
 */
record Contender(
    String label, List<String> words, Map<String, String> environment, Pattern registered) {}
