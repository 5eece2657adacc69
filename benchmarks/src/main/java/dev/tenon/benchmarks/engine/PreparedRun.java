package dev.tenon.benchmarks.engine;

/**
 * A prepared call of an engine. Inputs, outputs and packed operands are ready, so that only {@link #run} is timed. For
 * one thread at a time.
 */
public interface PreparedRun extends AutoCloseable {
    /** Computes the output from the inputs. */
    void run();

    /**
     * The output of the last run.
     *
     * @return a copy, row-major
     */
    float[] output();

    /** Frees the resources of the engine. */
    @Override
    void close();
}
