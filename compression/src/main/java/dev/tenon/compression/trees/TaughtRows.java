package dev.tenon.compression.trees;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The samples of a model of tables with what the model answers, and the graph of trees with its inputs and outputs. */
final class TaughtRows {
    private static final double TOLERANCE = 1e-4;

    /** Arrays of derivatives have two numbers for each output. */
    private static final long MOST_NUMBERS = Integer.MAX_VALUE - Long.BYTES;

    private final ValueInfo input;
    private final ValueInfo output;
    private final List<float[]> inputs = new ArrayList<>();
    private final List<double[]> outputs = new ArrayList<>();

    /** Other answers that may be labels, by the name of the output. */
    private final Map<String, List<Tensor>> others = new LinkedHashMap<>();

    /** The label of each class, by the name of the output; null for a class that no sample has. */
    private final Map<String, Object[]> labels = new LinkedHashMap<>();

    private int columns;
    private int width;
    private boolean isOfClasses = true;

    private TaughtRows(Model model) {
        if (model.inputs().size() != 1 || !isTable(model.inputs().getFirst())) {
            throw wrong("inputs", model.inputs(), "one of float32[rows, columns]");
        }
        this.input = model.inputs().getFirst();
        this.output = model.outputs().stream()
                .filter(o -> o.type() instanceof TensorType t && t.dtype().isFloating())
                .findFirst()
                .filter(o -> o.type() instanceof TensorType t && t.dtype() == DType.FLOAT32)
                .orElseThrow(() -> wrong("outputs", model.outputs(), "a first one of floating-point numbers, float32"));
    }

    private static boolean isTable(ValueInfo value) {
        return value.type() instanceof TensorType t
                && t.dtype() == DType.FLOAT32
                && (!t.shape().hasRank() || t.shape().rank() == 2);
    }

    private static CompressionException wrong(String what, Object found, String allowed) {
        return new CompressionException("few trees in the place of a model", what + " " + found, allowed, null);
    }

    /**
     * Asks a model.
     *
     * @param model the model
     * @param samples its samples
     * @return what it has answered
     * @throws CompressionException if the model is none of tables, if it answers with numbers that are not finite, or if an output does
     *     not follow from its first one
     */
    static TaughtRows of(Model model, Samples.Calls samples) {
        TaughtRows rows = new TaughtRows(model);
        Session session = model.session();
        samples.forEach(call -> rows.add(call, session.predict(call.inputs())));
        if (rows.count() == 0) {
            throw wrong("samples", "none", "at least one");
        }
        rows.isOfClasses &= rows.width > 1;
        if (rows.isOfClasses) {
            rows.others.forEach(rows::learnLabels);
        }
        model.outputs().stream()
                .filter(o -> !o.name().equals(rows.output.name()) && !rows.labels.containsKey(o.name()))
                .findFirst()
                .ifPresent(o -> {
                    throw wrong(
                            "output", o, "labels of [rows] beside probabilities, which the largest of them decides");
                });
        return rows;
    }

    private void add(Samples.Call call, Outputs found) {
        Tensor x = call.inputs().get(input.name());
        Tensor y = found.tensor(output.name());
        int samples = (int) x.dim(0);
        int own = (int) (y.size() / Math.max(1, samples));
        boolean fits = y.rank() >= 1 && y.rank() <= 2 && y.dim(0) == samples && own > 0;
        if (!fits || !inputs.isEmpty() && (x.dim(1) != columns || own != width)) {
            throw wrong(
                    "output '" + output.name() + "'",
                    y.type().text() + " for " + x.type().text(),
                    "[rows] or [rows, outputs], the same for all samples");
        }
        columns = (int) x.dim(1);
        width = own;
        double[] values = y.toDoubleArray();
        for (int row = 0; row < samples; row++) {
            double sum = 0;
            for (int k = 0; k < width; k++) {
                double value = values[row * width + k];
                if (!Double.isFinite(value)) {
                    throw wrong("output '" + output.name() + "'", value, "finite numbers");
                }
                sum += value;
                isOfClasses &= value >= 0;
            }
            isOfClasses &= Math.abs(sum - 1) <= TOLERANCE;
        }
        if ((count() + (long) samples) * Math.max(columns, 2L * width) > MOST_NUMBERS) {
            throw new ResourceLimitException(
                    "samples to learn trees from",
                    "more than " + MOST_NUMBERS + " numbers",
                    MOST_NUMBERS + "",
                    "give fewer");
        }
        inputs.add(x.toFloatArray());
        outputs.add(values);
        found.forEach((name, value) -> {
            if (value instanceof Tensor t && !t.dtype().isFloating() && t.shapeIs(new long[] {samples})) {
                others.computeIfAbsent(name, absent -> new ArrayList<>()).add(t);
            }
        });
    }

    /** Learns which label each class has. */
    private void learnLabels(String name, List<Tensor> parts) {
        Object[] known = new Object[width];
        for (int part = 0; part < parts.size(); part++) {
            Tensor given = parts.get(part);
            for (int row = 0; row < given.size(); row++) {
                int best = largest(outputs.get(part), row * width);
                Object label = given.dtype() == DType.STRING ? given.getString(row) : (Object) given.getLong(row);
                if (best >= 0 && known[best] == null) {
                    known[best] = label;
                } else if (best >= 0 && !known[best].equals(label)) {
                    throw wrong(
                            "output '" + name + "'",
                            label + " and " + known[best] + " where number " + best + " is the largest",
                            "labels that the largest probability decides");
                }
            }
        }
        labels.put(name, known);
    }

    /** The class of the largest probability; -1 if two are. */
    private int largest(double[] values, int from) {
        int best = 0;
        boolean isAlone = true;
        for (int k = 1; k < width; k++) {
            double more = values[from + k] - values[from + best];
            isAlone = more > 0 || isAlone && more < 0;
            best = more > 0 ? k : best;
        }
        return isAlone ? best : -1;
    }

    int count() {
        return inputs.stream().mapToInt(part -> part.length / columns).sum();
    }

    int columns() {
        return columns;
    }

    /** The outputs of a row. */
    int width() {
        return width;
    }

    boolean isOfClasses() {
        return isOfClasses;
    }

    float[] inputs() {
        float[] all = new float[count() * columns];
        int at = 0;
        for (float[] part : inputs) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    double[] outputs() {
        return outputs.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** The graph of trees that answers as the model does. */
    Graph graph(Model model, TreeEnsembleRegressor trees) {
        GraphBuilder to = new GraphBuilder(model.graph().name());
        Value x = to.input(input.name(), input.type());
        Value scores = to.add(trees, x);
        Value result = isOfClasses ? to.add(new Softmax(1), scores) : scores;
        if (((TensorType) output.type()).shape().hasRank()
                && ((TensorType) output.type()).shape().rank() == 1) {
            result = to.add(new Squeeze(), result, to.constant(Tensor.of(new long[] {1})));
        }
        for (ValueInfo each : model.outputs()) {
            to.output(each.name(), labels.containsKey(each.name()) ? label(to, each, scores) : result);
        }
        return to.build();
    }

    /** The label of the largest score: its number if labels are numbers of classes. */
    private Value label(GraphBuilder to, ValueInfo each, Value scores) {
        Value best = to.add(new ArgMax(1, false, false), scores);
        Tensor table = table(each);
        boolean isNumber = table.dtype() == DType.INT64;
        for (int k = 0; k < width && isNumber; k++) {
            isNumber = table.getLong(k) == k;
        }
        return isNumber ? best : to.add(new Gather(0), to.constant(table), best);
    }

    /** The labels by class. One that no sample has is the number of its class if the others are those of theirs. */
    private Tensor table(ValueInfo each) {
        Object[] known = labels.get(each.name());
        for (int k = 0; k < width; k++) {
            if (known[k] == null) {
                for (int other = 0; other < width; other++) {
                    if (known[other] != null && !known[other].equals((long) other)) {
                        throw wrong(
                                "samples for output '" + each.name() + "'",
                                "none where number " + k + " is the largest",
                                "samples of all labels");
                    }
                }
            }
        }
        DType type = ((TensorType) each.type()).dtype();
        Tensor table = Tensor.allocate(type, width);
        for (int k = 0; k < width; k++) {
            if (type == DType.STRING) {
                table.setString(k, (String) known[k]);
            } else {
                table.setLong(k, known[k] == null ? k : (long) known[k]);
            }
        }
        return table;
    }
}
