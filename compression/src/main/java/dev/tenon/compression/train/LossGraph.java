package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network with a loss after it. Its outputs are the compared output of the network and the loss, a scalar. Its inputs are those of
 * the network, then {@link #TEACHER}, {@link #LABELS} and hidden values of the teacher as far as terms of the loss compare with them.
 */
final class LossGraph {
    /** The input that is the output of the teacher: logits for losses of classes. */
    static final String TEACHER = "tenon/teacher";

    /** The input that has a 1 for the class of each label, and otherwise 0. */
    static final String LABELS = "tenon/labels";

    /** The output that is compared. */
    static final String OUTPUT = "tenon/output";

    /** The output that is the loss. */
    static final String LOSS = "tenon/loss";

    /** Keeps a cosine finite where a vector is zero. */
    private static final float LEAST_SQUARE = 1e-12f;

    private final GraphBuilder builder;
    private final Value output;
    private final Value logits;
    private final Value teacher;
    private final Value labels;

    /** The output of the teacher as that of the network is: probabilities, if a softmax makes them of logits. */
    private final Value target;

    /** Hidden values of the network, and those of the teacher, by the names of the latter. */
    private final Map<String, Value> hidden = new LinkedHashMap<>();

    private final Map<String, Value> taught = new LinkedHashMap<>();

    private LossGraph(GraphBuilder builder, Value output, TrainingOptions options) {
        this.builder = builder;
        this.output = output;
        this.logits = logits(output);
        this.teacher = options.hasTeacher() ? builder.input(TEACHER, output.type()) : null;
        this.labels = options.hasLabels() ? builder.input(LABELS, output.type()) : null;
        this.target = teacher != null && options.isOfClasses() && !logits.equals(output)
                ? builder.add(new Softmax(-1), teacher)
                : teacher;
    }

    /**
     * Adds a loss to a network.
     *
     * @param network a network of fixed shapes
     * @param name the output that is compared
     * @param options has the terms of the loss
     * @param shapes the shapes of the hidden values of the teacher, by the inputs that take them
     * @return the graph
     * @throws CompressionException if the output has no fixed shape, or no classes where the loss needs them
     */
    static Graph of(Graph network, String name, TrainingOptions options, Map<String, long[]> shapes) {
        GraphCopy copy = new GraphCopy(network);
        network.nodes().forEach(copy::copy);
        Value output = copy.of(network.outputs().get(network.outputNames().indexOf(name)));
        Shape shape = output.tensorType().shape();
        if (output.tensorType().dtype() != DType.FLOAT32) {
            throw new CompressionException(
                    "output '" + name + "' of the network to train",
                    "the type " + output.type().text(),
                    "float32",
                    "cast it, or compare another output");
        }
        if (!shape.isKnown() || shape.rank() < 1 || options.isOfClasses() && shape.rank() < 2) {
            throw new CompressionException(
                    "output '" + name + "' of the network to train",
                    "the type " + output.type().text(),
                    options.isOfClasses()
                            ? "numbers of samples and classes that inputs of a fixed shape decide"
                            : "a shape that inputs of a fixed shape decide",
                    "compare another output");
        }
        LossGraph graph = new LossGraph(copy.builder(), output, options);
        for (String value : HiddenValues.of(options)) {
            String input = HiddenValues.taught(value);
            graph.hidden.put(
                    value, copy.of(network.outputs().get(network.outputNames().indexOf(HiddenValues.own(value)))));
            graph.taught.put(
                    value, graph.builder.input(input, new TensorType(DType.FLOAT32, Shape.of(shapes.get(input)))));
        }
        Value sum = null;
        for (LossTerm term : options.terms()) {
            Value value = graph.term(term);
            sum = sum == null ? value : graph.builder.add(new Add(), sum, value);
        }
        return graph.builder.output(OUTPUT, output).output(LOSS, sum).build();
    }

    /** The value before the softmax that makes an output, or the output itself if no softmax of classes does. */
    private static Value logits(Value output) {
        Node node = output.producer();
        int last = output.tensorType().shape().rank() - 1;
        return node != null && node.op() instanceof Softmax s && (s.axis() == -1 || s.axis() == last)
                ? node.input(0)
                : output;
    }

    private Value term(LossTerm term) {
        return switch (term.kind()) {
            case KL -> divergence(term);
            case LABELS ->
                sum(builder.add(new Mul(), labels, builder.add(new LogSoftmax(-1), logits)), -term.weight() / rows());
            case MSE -> {
                Value difference = builder.add(new Sub(), output, target);
                yield sum(
                        builder.add(new Mul(), difference, difference),
                        term.weight() / output.tensorType().shape().knownElements());
            }
            case COSINE -> cosine(term.weight());
            case HIDDEN -> difference(term);
            case RELATIONS -> relations(term);
        };
    }

    private Value difference(LossTerm term) {
        Value own = hidden.get(term.value());
        Value wanted = taught.get(term.value());
        if (!own.tensorType().shape().equals(wanted.tensorType().shape())) {
            throw wrong(term, wanted.tensorType().shape() + ", as the teacher's has");
        }
        Value difference = builder.add(new Sub(), own, wanted);
        return sum(
                builder.add(new Mul(), difference, difference),
                term.weight() / wanted.tensorType().shape().knownElements());
    }

    private CompressionException wrong(LossTerm term, String allowed) {
        return new CompressionException(
                "value for '" + term.value() + "' of the teacher in the network to train",
                hidden.get(term.value()).type().text() + " beside "
                        + taught.get(term.value()).type().text(),
                allowed,
                "compare other values, or tell another name by Distill.map");
    }

    /** sum(p (log p - log q)), p and q the relations between the vectors of places in each head (Wang et al., MiniLMv2, 2021). */
    private Value relations(LossTerm term) {
        Shape wanted = taught.get(term.value()).tensorType().shape();
        Shape found = hidden.get(term.value()).tensorType().shape();
        boolean fits = wanted.isKnown()
                && found.isKnown()
                && wanted.rank() == 3
                && found.rank() == 3
                && wanted.dim(0).equals(found.dim(0))
                && wanted.dim(1).equals(found.dim(1))
                && wanted.dim(2).value() % term.heads() == 0
                && found.dim(2).value() % term.heads() == 0;
        if (!fits) {
            throw wrong(term, "values of as many samples, places, and features that " + term.heads() + " heads divide");
        }
        Value teaching = scores(taught.get(term.value()), term.heads());
        Value own = builder.add(new LogSoftmax(-1), scores(hidden.get(term.value()), term.heads()));
        Value difference = builder.add(new Sub(), builder.add(new LogSoftmax(-1), teaching), own);
        double relations = (double) wanted.dim(0).value() * wanted.dim(1).value() * term.heads();
        return sum(
                builder.add(new Mul(), builder.add(new Softmax(-1), teaching), difference), term.weight() / relations);
    }

    /** The products of the vectors of all places with each other, in each head, over the square root of their length. */
    private Value scores(Value value, int heads) {
        Shape shape = value.tensorType().shape();
        long width = shape.dim(2).value() / heads;
        Value dims = builder.constant(
                Tensor.of(new long[] {shape.dim(0).value(), shape.dim(1).value(), heads, width}));
        Value divided = builder.add(new Reshape(false), value, dims);
        Value vectors = builder.add(new Transpose(List.of(0, 2, 1, 3)), divided);
        Value others = builder.add(new Transpose(List.of(0, 2, 3, 1)), divided);
        return scaled(builder.add(new MatMul(), vectors, others), 1 / Math.sqrt(width));
    }

    /** T^2 sum(p (log p - log q)), p and q of logits that are divided by T (Hinton, Vinyals and Dean, 2015). */
    private Value divergence(LossTerm term) {
        Value cooled = scaled(teacher, 1 / term.temperature());
        Value own = builder.add(new LogSoftmax(-1), scaled(logits, 1 / term.temperature()));
        Value difference = builder.add(new Sub(), builder.add(new LogSoftmax(-1), cooled), own);
        return sum(
                builder.add(new Mul(), builder.add(new Softmax(-1), cooled), difference),
                term.weight() * term.temperature() * term.temperature() / rows());
    }

    private Value cosine(double weight) {
        Value product = vectors(output, target);
        Value squares = builder.add(new Mul(), vectors(output, output), vectors(target, target));
        Value size =
                builder.add(new Sqrt(), builder.add(new Add(), squares, builder.constant(Tensor.scalar(LEAST_SQUARE))));
        Value sum = sum(builder.add(new Div(), product, size), -weight / rows());
        return builder.add(new Add(), sum, builder.constant(Tensor.scalar((float) weight)));
    }

    /** The products of the vectors along the last axis. */
    private Value vectors(Value a, Value b) {
        Value axes = builder.constant(Tensor.of(new long[] {-1}));
        return builder.add(new ReduceSum(true, false), builder.add(new Mul(), a, b), axes);
    }

    private Value sum(Value values, double factor) {
        return scaled(builder.add(new ReduceSum(false, false), values), factor);
    }

    private Value scaled(Value value, double factor) {
        return factor == 1 ? value : builder.add(new Mul(), value, builder.constant(Tensor.scalar((float) factor)));
    }

    /** The vectors of classes, or the vectors along the last axis. */
    private long rows() {
        Shape shape = output.tensorType().shape();
        return shape.knownElements() / Math.max(1, shape.dim(shape.rank() - 1).value());
    }
}
