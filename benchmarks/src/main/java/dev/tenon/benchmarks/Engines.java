package dev.tenon.benchmarks;

import java.util.List;

/** The engines that are compared, under the names by which JMH's parameter {@code engine} knows them. */
final class Engines {
    /** This library. */
    static final String TENON = "tenon";

    /** ONNX Runtime for Java. */
    static final String ONNXRUNTIME = "onnxruntime";

    /** The name of JMH's parameter. */
    static final String PARAMETER = "engine";

    /** All of them, this library first. */
    static final List<String> ALL = List.of(TENON, ONNXRUNTIME);

    private Engines() {}

    /** The error for a name that is none of these. */
    static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("engine '" + name + "' is unknown; there are " + String.join(", ", ALL));
    }
}
