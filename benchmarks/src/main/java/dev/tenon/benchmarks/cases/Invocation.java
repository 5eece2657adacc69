package dev.tenon.benchmarks.cases;

import java.util.Locale;

/** The ways to call a session of Tenon. Peers are always called with inputs and outputs that they use in place. */
public enum Invocation {
    /** A {@code PreparedCall}, whose inputs and outputs are in native memory and are used in place. */
    PREPARED,

    /** {@code predict(Map)} with inputs on the heap. Each call makes its outputs. */
    MAP;

    /**
     * The name on the command line.
     *
     * @return in lower case
     */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
