package dev.tenon.benchmarks;

import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** One case of a suite: what is computed, on which sizes, by how many threads. */
interface BenchmarkCase {
    /**
     * What is computed.
     *
     * @return a name for people
     */
    String model();

    /**
     * The sizes, in short.
     *
     * @return such as {@code 1x128}
     */
    String sizes();

    /**
     * The shapes of the inputs: dimensions alone where there is one input, else each behind its name.
     *
     * @return such as {@code 1x3x224x224} or {@code input_ids=1x128,attention_mask=1x128}
     */
    String shapes();

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
     * What one call reads and writes, each operand and each result once, if it is to be held against {@link CopyPeak}, as
     * calls on one thread may be.
     *
     * @return bytes, or NaN
     */
    default double bytes() {
        return Double.NaN;
    }

    /**
     * The least cosine of the two engines' outputs at which they agree.
     *
     * @return at most 1
     */
    double leastCosine();

    /**
     * The engines that compute this case.
     *
     * @return those that run models unless the case says otherwise, this library first, which may be alone
     */
    default List<String> engines() {
        return Engines.MODELS;
    }

    /**
     * Prepares an engine. The same case has the same inputs for every engine and at every call.
     *
     * @param engine one of {@link #engines}
     * @return the call
     * @throws IllegalArgumentException if there is no such engine
     */
    PreparedRun prepare(String engine);

    /**
     * Shapes in the form of {@link #shapes}.
     *
     * @param inputs a tensor for each input, by name
     * @return the text
     */
    static String shapes(Map<String, Tensor> inputs) {
        return inputs.entrySet().stream()
                .map(e -> (inputs.size() == 1 ? "" : e.getKey() + "=") + dims(e.getValue()))
                .collect(Collectors.joining(","));
    }

    /**
     * The dimensions of a tensor.
     *
     * @param tensor any
     * @return such as {@code 1x128}, empty for a scalar
     */
    static String dims(Tensor tensor) {
        return LongStream.of(tensor.dims()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
