package io.millrace.simulator;

import java.util.OptionalLong;

/**
 * Where a job goes on in its next life.
 *
 * @param path of a checkpoint or savepoint
 * @param backTo its id if there is output of later ones, which has to go
 */
record Resumption(String path, OptionalLong backTo) {}
