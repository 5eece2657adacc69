package dev.tenon.benchmarks;

import java.util.List;

/**
 * The engines that are compared, under the names by which JMH's parameter {@code engine} knows them. To add one: a name,
 * its place in a list, what {@link #title}, {@link #absence} and {@link #describe} say of it, and a {@link PreparedRun} that
 * cases make.
 */
final class Engines {
    /** This library. */
    static final String TENON = "tenon";

    /** ONNX Runtime for Java, the peer whose times give the ratios. */
    static final String ONNXRUNTIME = "onnxruntime";

    /** OpenBLAS, a further peer for products of matrices. */
    static final String OPENBLAS = "openblas";

    /** The name of JMH's parameter. */
    static final String PARAMETER = "engine";

    /** Those that run any model, this library first. */
    static final List<String> MODELS = List.of(TENON, ONNXRUNTIME);

    /** Those that multiply matrices: all there are, this library first. */
    static final List<String> PRODUCTS = List.of(TENON, ONNXRUNTIME, OPENBLAS);

    private Engines() {}

    /** The error for a name that is none of these. */
    static IllegalArgumentException unknown(String name, List<String> there) {
        return new IllegalArgumentException("engine '" + name + "' is unknown; there are " + String.join(", ", there));
    }

    /**
     * The name of an engine in print.
     *
     * @param engine one of {@link #PRODUCTS}
     * @return such as {@code ONNX Runtime}
     */
    static String title(String engine) {
        return switch (engine) {
            case TENON -> "Tenon";
            case ONNXRUNTIME -> "ONNX Runtime";
            case OPENBLAS -> "OpenBLAS";
            default -> throw unknown(engine, PRODUCTS);
        };
    }

    /**
     * Why an engine can't run here.
     *
     * @param engine one of {@link #PRODUCTS}
     * @return null if it can
     */
    static String absence(String engine) {
        return engine.equals(OPENBLAS) ? OpenBlas.absence() : null;
    }

    /**
     * What an engine that is there says of itself.
     *
     * @param engine one of {@link #PRODUCTS}
     * @return its version and what it found the processor to be, null if it says nothing
     */
    static String describe(String engine) {
        return engine.equals(OPENBLAS) ? OpenBlas.describe() : null;
    }
}
