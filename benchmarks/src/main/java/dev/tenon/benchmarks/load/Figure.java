package dev.tenon.benchmarks.load;

/**
 * A measured figure beside its bar.
 *
 * @param what the measured thing
 * @param bar the value that it should have
 * @param measured the value that it has
 * @param met whether this is good enough
 */
record Figure(String what, String bar, String measured, boolean met) {}
