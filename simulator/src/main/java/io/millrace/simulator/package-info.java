/**
 * A whole cluster in one thread and virtual time: the production JobManager, TaskManagers and tasks
 * under faults drawn by seed. One seed is one life of a cluster, the same in every run.
 */
package io.millrace.simulator;
