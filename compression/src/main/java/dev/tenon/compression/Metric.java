package dev.tenon.compression;

import dev.tenon.Outputs;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A measure of how good the outputs of a model are. Immutable.
 *
 * <p>Accuracy and cosine are in [0, 1], where more is better. The mean squared error is at least 0, where less is better.
 */
public final class Metric {
    /** How a metric is computed. */
    enum Kind {
        TOP1("top1"),
        COSINE("cosine"),
        MSE("mse"),
        FUNCTION("function");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final Kind kind;
    private final String name;
    private final String output;
    private final Tensor labels;
    private final ToDoubleFunction<Outputs> function;

    private Metric(Kind kind, String name, String output, Tensor labels, ToDoubleFunction<Outputs> function) {
        this.kind = kind;
        this.name = name;
        this.output = output;
        this.labels = labels;
        this.function = function;
    }

    private static Metric of(Kind kind, Tensor labels) {
        return new Metric(kind, kind.text, null, labels, null);
    }

    /**
     * The share of samples whose class is right. The class is the index of the largest element along the last axis.
     *
     * @param labels the class of each sample, integers, in the order of the samples
     * @return the metric
     * @throws CompressionException if labels are no vector of integers
     */
    public static Metric accuracy(Tensor labels) {
        if (labels.rank() != 1 || !labels.dtype().isInteger()) {
            throw new CompressionException("labels", labels.type().text(), "a vector of integers", null);
        }
        return of(Kind.TOP1, labels);
    }

    /**
     * The mean cosine between the output and that of the model before compression, sample by sample. Where an input
     * {@code attention_mask} is 0, positions of an output [batch, positions, ...] are left out.
     *
     * @return the metric; the model before compression has 1
     */
    public static Metric cosine() {
        return of(Kind.COSINE, null);
    }

    /**
     * The mean squared difference from the output of the model before compression.
     *
     * @return the metric; the model before compression has 0
     */
    public static Metric meanSquaredError() {
        return of(Kind.MSE, null);
    }

    /**
     * The mean of a function of the outputs of each call.
     *
     * @param name its name in reports
     * @param function the function; more is better
     * @return the metric
     */
    public static Metric of(String name, ToDoubleFunction<Outputs> function) {
        return new Metric(Kind.FUNCTION, name, null, null, function);
    }

    /**
     * The same metric of another output.
     *
     * @param name the name of an output of floating-point numbers; the default is the first one
     * @return the metric
     */
    public Metric output(String name) {
        return new Metric(kind, this.name, name, labels, function);
    }

    /** {@return the name in reports: {@code top1}, {@code cosine}, {@code mse}, or that of the function} */
    public String name() {
        return name;
    }

    /** {@return the output that is judged, if one was chosen} */
    public Optional<String> output() {
        return Optional.ofNullable(output);
    }

    /** {@return whether a larger value is better} */
    public boolean isMoreBetter() {
        return kind != Kind.MSE;
    }

    Kind kind() {
        return kind;
    }

    /** {@return the class of each sample, for accuracy} */
    public Optional<Tensor> labels() {
        return Optional.ofNullable(labels);
    }

    /** The classes of the samples; null for other metrics than accuracy. */
    Tensor labelsOrNull() {
        return labels;
    }

    /** The value for the outputs of a call, for a metric that is a function. */
    double apply(Map<String, ?> outputs) {
        return function.applyAsDouble((Outputs) outputs);
    }
}
