package dev.tenon.benchmarks;

/** One case of a suite: what is computed, on which sizes, by how many threads. */
interface BenchmarkCase {
    /**
     * What is computed.
     *
     * @return a name for people
     */
    String model();

    /**
     * The sizes.
     *
     * @return such as {@code 1x128}
     */
    String sizes();

    /**
     * The threads that an engine may use for one call.
     *
     * @return at least 1
     */
    int threads();

    /**
     * The work of one call, two operations for a multiply-add; of suites of products, that of products only.
     *
     * @return floating-point operations; for integer models those of the same products in floats
     */
    double flops();

    /**
     * The least cosine of the two engines' outputs at which they agree.
     *
     * @return at most 1
     */
    double leastCosine();

    /**
     * Prepares an engine. The same case has the same inputs for every engine and at every call.
     *
     * @param engine one of {@link Engines#ALL}
     * @return the call
     * @throws IllegalArgumentException if there is no such engine
     */
    PreparedRun prepare(String engine);
}
