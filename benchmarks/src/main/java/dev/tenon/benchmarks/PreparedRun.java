package dev.tenon.benchmarks;

/**
 * One engine's call of one benchmark: inputs, outputs and whatever the engine packs beforehand are there, so that
 * {@link #run} is what is timed. For one thread at a time.
 */
interface PreparedRun extends AutoCloseable {
    /** Computes the output from the inputs. */
    void run();

    /**
     * The output of the last run.
     *
     * @return a copy, row-major
     */
    float[] output();

    /** Frees what the engine holds. */
    @Override
    void close();
}
