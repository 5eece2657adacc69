package dev.tenon.benchmarks.cases;

import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A case of a suite: a computation, its sizes, and its threads. */
public interface BenchmarkCase {
    /**
     * The name of the computation.
     *
     * @return a readable name
     */
    String model();

    /**
     * The sizes in short form.
     *
     * @return such as {@code 1x128}
     */
    String sizes();

    /**
     * The shapes of the inputs: only dimensions if there is one input, otherwise a name before each shape.
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
     * The arithmetic of one call. A multiply-add counts as two operations. Suites of products count only the products.
     *
     * @return floating-point operations; for integer models those of the same products in float
     */
    double flops();

    /**
     * The memory traffic of one call: each operand and each result counts once. It is compared with {@code CopyPeak},
     * for calls on one thread.
     *
     * @return bytes; NaN if it is not to be compared
     */
    default double bytes() {
        return Double.NaN;
    }

    /**
     * The kernel in which Tenon spends the time of one call. The speed is compared with the peak of its instruction, for
     * calls on one thread.
     *
     * @return its id; null if there are several, or if it is not to be compared
     */
    default String kernel() {
        return null;
    }

    /**
     * The least cosine of two outputs that agree.
     *
     * @return at most 1
     */
    double leastCosine();

    /**
     * The engines that compute this case.
     *
     * @return the engines that run models, unless a case overrides this; Tenon is the first and may be the only one
     */
    default List<String> engines() {
        return Engines.MODELS;
    }

    /**
     * Prepares an engine. A case has the same inputs for each engine and in each call.
     *
     * @param engine one of {@link #engines}
     * @return the prepared call
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
     * @param tensor a tensor
     * @return such as {@code 1x128}, empty for a scalar
     */
    static String dims(Tensor tensor) {
        return LongStream.of(tensor.dims()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
