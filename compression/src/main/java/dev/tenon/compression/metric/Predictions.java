package dev.tenon.compression.metric;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The results of a model for a whole data set: the judged output of each sample, that of the model before, the labels, and the
 * index of the sample in the data. Immutable; arrays are shared with it and must not be changed.
 */
public final class Predictions {
    private final List<Row> outputs;
    private final List<Row> references;
    private final double[][] labels;
    private final int[] indices;

    /**
     * The output of a sample.
     *
     * @param values the elements in row-major order
     * @param width the length of the last axis
     */
    @SuppressWarnings(
            "ArrayRecordComponent") // A row is made for each sample, and a copy for each read would double the work.
    public record Row(double[] values, int width) {}

    private Predictions(List<Row> outputs, List<Row> references, double[][] labels, int[] indices) {
        this.outputs = outputs;
        this.references = references;
        this.labels = labels;
        this.indices = indices;
    }

    /**
     * The results of a data set.
     *
     * @param outputs the outputs of the model, sample by sample
     * @param references those of the model before
     * @param labels the labels, whose first axis has the samples; null for none. Texts are not kept
     * @return the results
     */
    public static Predictions of(List<Row> outputs, List<Row> references, Tensor labels) {
        int[] indices = new int[outputs.size()];
        Arrays.setAll(indices, i -> i);
        return new Predictions(List.copyOf(outputs), List.copyOf(references), rows(labels), indices);
    }

    private static double[][] rows(Tensor labels) {
        if (labels == null || labels.dtype() == DType.STRING) {
            return new double[0][];
        }
        double[] all = labels.toDoubleArray();
        int samples = (int) labels.dim(0);
        int width = samples == 0 ? 0 : all.length / samples;
        double[][] rows = new double[samples][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
        return rows;
    }

    /**
     * The results of some samples, as a bootstrap draws them.
     *
     * @param positions positions in these results; a sample may occur several times
     * @return the results of these samples
     */
    public Predictions at(int... positions) {
        int[] drawn = new int[positions.length];
        Arrays.setAll(drawn, i -> indices[positions[i]]);
        return new Predictions(outputs, references, labels, drawn);
    }

    /** {@return the results of the model before, for the same samples and with the same labels} */
    public Predictions ofReferences() {
        return new Predictions(references, references, labels, indices);
    }

    /** {@return the number of samples} */
    public int size() {
        return indices.length;
    }

    /**
     * The index of a sample in the data.
     *
     * @param i a position, at least 0 and less than {@link #size}
     * @return the index
     */
    public int index(int i) {
        return indices[i];
    }

    /**
     * The output of a sample.
     *
     * @param i a position
     * @return its elements in row-major order
     */
    public double[] output(int i) {
        return outputs.get(indices[i]).values();
    }

    /**
     * The length of the last axis of the output of a sample.
     *
     * @param i a position
     * @return the length
     */
    public int width(int i) {
        return outputs.get(indices[i]).width();
    }

    /**
     * The output of a sample by the model before.
     *
     * @param i a position
     * @return its elements in row-major order
     */
    public double[] reference(int i) {
        return references.get(indices[i]).values();
    }

    /**
     * The class of a sample by the model: that of the first row along the last axis.
     *
     * @param i a position
     * @return the class, as {@link #predicted(double[], int, int)} has it
     */
    public int predicted(int i) {
        return predicted(output(i), 0, width(i));
    }

    /**
     * The class of a row: the index of its largest element. A row of one element is the probability of class 1, which is chosen
     * from 0.5 on.
     *
     * @param x elements
     * @param from the index of the first one of the row
     * @param width the length of the row, at least 1
     * @return the class
     */
    public static int predicted(double[] x, int from, int width) {
        return width > 1 ? largest(x, from, width) : x[from] >= Classes.EVEN ? 1 : 0;
    }

    /**
     * The index of the largest element of a row, the first one of several.
     *
     * @param x elements
     * @param from the index of the first one of the row
     * @param width the length of the row, at least 1
     * @return the index in the row
     */
    public static int largest(double[] x, int from, int width) {
        int best = 0;
        for (int c = 1; c < width; c++) {
            best = x[from + c] > x[from + best] ? c : best;
        }
        return best;
    }

    /**
     * The class of a sample by its label.
     *
     * @param i a position
     * @return the first element of the label
     */
    public int label(int i) {
        return (int) labels[indices[i]][0];
    }

    /**
     * The label of a sample.
     *
     * @param i a position
     * @return its elements in row-major order
     */
    public double[] labels(int i) {
        return labels[indices[i]];
    }

    /** {@return the classes by the labels} */
    public int[] classes() {
        int[] all = new int[size()];
        Arrays.setAll(all, this::label);
        return all;
    }

    /** {@return the classes by the model} */
    public int[] predictedClasses() {
        int[] all = new int[size()];
        Arrays.setAll(all, this::predicted);
        return all;
    }

    /** {@return the outputs of all samples} */
    public double[][] outputs() {
        double[][] all = new double[size()][];
        Arrays.setAll(all, this::output);
        return all;
    }

    /** {@return the labels of all samples} */
    public double[][] labels() {
        double[][] all = new double[size()][];
        Arrays.setAll(all, this::labels);
        return all;
    }

    /**
     * Cuts the output of a call into those of its samples.
     *
     * @param output the output
     * @param samples the number of samples of the call
     * @return an output for each element of its first axis if there are as many as samples, otherwise one
     */
    public static List<Row> rows(Tensor output, long samples) {
        double[] all = output.toDoubleArray();
        boolean isBatch = output.rank() > 0 && output.dim(0) == samples;
        int count = isBatch ? (int) samples : 1;
        int each = count == 0 ? 0 : all.length / count;
        int width = output.rank() < 2 && isBatch ? 1 : output.rank() == 0 ? 1 : (int) output.dim(output.rank() - 1);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new Row(Arrays.copyOfRange(all, i * each, (i + 1) * each), width));
        }
        return rows;
    }
}
