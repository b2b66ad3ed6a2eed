/**
 * From what to compute to where: chains, slot sharing, key groups and placement, as pure functions.
 * JobManager and TaskManagers derive the same channels from the same facts, so no list of channels
 * is ever sent.
 */
package io.millrace.runtime.plan;
