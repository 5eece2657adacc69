package dev.tenon.benchmarks.engine;

import java.util.List;

/**
 * The engines that are compared, by the names that the JMH parameter {@code engine} takes. To add an engine: add a
 * name, put it into a list, extend {@link #title}, {@link #absence} and {@link #describe}, and write a
 * {@link PreparedRun} that cases create.
 */
public final class Engines {
    /** Tenon. */
    public static final String TENON = "tenon";

    /** ONNX Runtime for Java. The ratios of times refer to it. */
    public static final String ONNXRUNTIME = "onnxruntime";

    /** OpenBLAS, another peer for matrix products. */
    public static final String OPENBLAS = "openblas";

    /** oneDNN, another peer for matrix products and convolutions. */
    public static final String ONEDNN = "onednn";

    /** XGBoost, a peer for its own trees. */
    public static final String XGBOOST = "xgboost";

    /** LightGBM, a peer for its own trees. */
    public static final String LIGHTGBM = "lightgbm";

    /** JPMML, another peer for trees. */
    public static final String JPMML = "jpmml";

    /** The name of the JMH parameter. */
    public static final String PARAMETER = "engine";

    /** The engines that run any model, Tenon first. */
    public static final List<String> MODELS = List.of(TENON, ONNXRUNTIME);

    /** The engines that multiply float32 matrices, Tenon first. */
    public static final List<String> PRODUCTS = List.of(TENON, ONNXRUNTIME, OPENBLAS, ONEDNN);

    /** The engines that compute trees, Tenon first. */
    public static final List<String> TREES = List.of(TENON, ONNXRUNTIME, XGBOOST, LIGHTGBM, JPMML);

    /** All engines, Tenon first. */
    public static final List<String> ALL = List.of(TENON, ONNXRUNTIME, OPENBLAS, ONEDNN, XGBOOST, LIGHTGBM, JPMML);

    private Engines() {}

    /** The exception for an unknown name. */
    public static IllegalArgumentException unknown(String name, List<String> there) {
        return new IllegalArgumentException("engine '" + name + "' is unknown; there are " + String.join(", ", there));
    }

    /**
     * The readable name of an engine.
     *
     * @param engine one of {@link #ALL}
     * @return such as {@code ONNX Runtime}
     */
    public static String title(String engine) {
        return switch (engine) {
            case TENON -> "Tenon";
            case ONNXRUNTIME -> "ONNX Runtime";
            case OPENBLAS -> "OpenBLAS";
            case ONEDNN -> "oneDNN";
            case XGBOOST -> "XGBoost";
            case LIGHTGBM -> "LightGBM";
            case JPMML -> "JPMML";
            default -> throw unknown(engine, ALL);
        };
    }

    /**
     * The reason why an engine cannot run on this machine.
     *
     * @param engine one of {@link #ALL}
     * @return null if it can run
     */
    public static String absence(String engine) {
        return switch (engine) {
            case OPENBLAS -> OpenBlas.absence();
            case ONEDNN -> OneDnn.absence();
            case JPMML -> Jpmml.absence();
            default -> null;
        };
    }

    /**
     * Describes an engine that can run here.
     *
     * @param engine one of {@link #ALL}
     * @return its version and its options; null if it does not tell
     */
    public static String describe(String engine) {
        return switch (engine) {
            case OPENBLAS -> OpenBlas.describe();
            case ONEDNN -> OneDnn.describe();
            case JPMML -> Jpmml.describe();
            default -> null;
        };
    }
}
